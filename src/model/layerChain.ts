import { showName } from '../check/showName.js';
import { callable } from '../check/callable.js';
import { methods } from '../check/methods.js';
import { notPromise } from '../check/notPromise.js';
import { optional } from '../check/optional.js';
import type { BufferScope, Kernel } from '../kernel/kernel.js';
import type {
  ForwardOptions,
  LayerGradients,
  LayerInput,
  LayerTape,
  NumbersByName,
  TapeContext,
} from '../layer/layer.js';
import type { Numbers } from '../types.js';
import { ownMemory } from '../layer/ownMemory.js';
import { type NamedLayers, partOf } from './allocateParameters.js';
import { type ChainInput, chainInput } from './chainInput.js';
import { gradientRuns, type GradientRuns, type GradientRunsKeeper } from './gradientRuns.js';
import type { ParameterBlock } from './parameterBlock.js';
import { rowTapes } from './rowTapes.js';

export interface LayerChainOptions {
  /** The kind of the model, for messages. */
  readonly model: string;
  readonly kernel: Kernel;
  readonly layers: NamedLayers;
  /** A layer that reads the input of the chain and whose output is added to the chain's first outputs. */
  readonly skip?: NamedLayers[number] | undefined;
  /** Whether no parameter of `skip` learns: its backward pass is then run only for the gradient at input or state. */
  readonly skipFrozen?: boolean;
  readonly weights: ParameterBlock;
  /** Where the backward pass adds the gradients of the parameters; asked for once, before the first. */
  gradients(): ParameterBlock;
  /** Whether no other chain writes there. */
  readonly alone?: boolean;
  /** The most steps of a window. */
  readonly steps: number;
  readonly lanes: number;
  readonly scope: BufferScope;
}

/** A part of the carried state, `depth × lanes × size`, as `layer.name`. */
export interface StatePart {
  readonly name: string;
  readonly numbers: Numbers;
  readonly depth: number;
  readonly size: number;
}

/** Options of a backward pass. */
interface ChainBackwardOptions {
  /** Whether `stateGradient` holds the gradient at the final state, which is zeros otherwise. */
  readonly fromState: boolean;
  /** Whether the gradient at the features is computed too. */
  readonly atInput: boolean;
  /** Whether the gradients of all parameters, those of other chains too, are zeroed first: the same in every pass. */
  readonly afresh: boolean;
}

/**
 * Layers end to end in one set of buffers: forward from first to last, backward from last to first.
 *
 * Buffers that only the backward pass needs are made when it first runs. The gradient at the output is made when first
 * asked for, since a loss writes it even where nothing is learned.
 */
export interface LayerChain {
  /** `steps × lanes × outputSize`: where the last forward pass left it. */
  output(): Numbers;
  /** As of the last layer's tape; undefined where that has none, or where the output is not its own. */
  readonly targetLosses: LayerTape['targetLosses'];
  /** The gradient at the output. */
  outputGradient(): Numbers;
  readonly state: readonly StatePart[];
  /** The gradient at `state`, in the same order. */
  stateGradient(): readonly StatePart[];
  /** Steps of the last forward pass. */
  steps(): number;
  /** Refuses an input or a mask that does not fit. */
  readonly check: ChainInput['check'];
  /** Runs a window that `check` has accepted. */
  forward(input: LayerInput, steps: number, options: ForwardOptions): void;
  /** As that of a tape. */
  readonly forwardStep: ((input: LayerInput, t: number) => void) | undefined;
  /** Adds to the gradients of the parameters. */
  backward(options: ChainBackwardOptions): void;
  /**
   * Where the gradients are not zeros, as of a large table of which the last backward pass touched some rows; undefined
   * where they may be anywhere.
   */
  gradientRuns(): GradientRuns | undefined;
  /** Says that others may write gradients, from now on and anywhere. */
  shareGradients(): void;
  /** The gradient at the features, as the last backward pass left it. */
  inputGradient(): Numbers;
  /** The first layer whose output is not finite, by name. */
  firstNotFinite(): string | undefined;
}

/** What only the backward pass needs. */
interface BackwardHalf {
  /** Of all parameters. */
  readonly gradients: Numbers;
  /** Where they are, if the first layer is a large table. */
  readonly runs: GradientRunsKeeper | undefined;
  /** Of each layer. */
  readonly halves: readonly LayerGradients[];
  /** Of the layer beside them. */
  readonly skip: { readonly half: LayerGradients; readonly outputGradient: Numbers } | undefined;
  /** The gradient at the state. */
  readonly state: readonly StatePart[];
}

/** Tables of fewer numbers are not worth their runs. */
const LARGE = 65_536;

const perhapsCallable = optional(callable);
const NO_OPTIONS: ForwardOptions = Object.freeze({});

export function layerChain(options: LayerChainOptions): LayerChain {
  const { model, kernel, layers, skip, skipFrozen = false, weights, steps: capacity, lanes, scope } = options;
  const memory = ownMemory(model, kernel.dtype, scope.allocate, [weights.numbers]);
  const { allocate } = memory;
  const allocated: Numbers[] = []; // by the tapes as they are made
  const contexts: TapeContext[] = [];
  const makeTape = ([name, layer]: NamedLayers[number]): LayerTape => {
    const own = { kernel, weights: partOf(weights, name, layer), steps: capacity, lanes };
    let made = false;
    const tape = layer.tape({
      ...own,
      allocate(length) {
        const array = allocate(length);
        if (!made) allocated.push(array);
        return array;
      },
    });
    made = true;
    contexts.push({ ...own, allocate });
    methods(model, `the tape of layer ${showName(name)}`, tape, 'forward', 'differentiate');
    perhapsCallable(model, `repeats in the tape of layer ${showName(name)}`, tape.repeats);
    return tape;
  };
  const tapes = layers.map(makeTape);
  const inRows = !skip && capacity > 1 && tapes.every((tape) => tape.inRows === true);
  const rowAt = rowTapes({ model, layers, contexts, allocated, scope });
  const { outputSize } = layers.at(-1)![1];
  const beside = skip && {
    width: skip[1].outputSize,
    tape: makeTape(skip),
    sum: allocate(capacity * lanes * outputSize),
  };
  const stated = skip ? [...layers, skip] : layers;
  const statedTapes = beside ? [...tapes, beside.tape] : tapes;
  const outputs: (Numbers | undefined)[] = layers.map(() => undefined); // those that were checked
  const [firstName, { inputSize }] = layers[0]!;
  const readers = skip ? [layers[0]!, skip] : [layers[0]!]; // the layers that read the input
  const { check, place, placeStep } = chainInput({ model, readers, steps: capacity, lanes, allocate, scope });
  const [repeatForward, repeatBackward] = [scope.repeat(), scope.repeat()];
  const outputGradients: (Numbers | undefined)[] = layers.map(() => undefined);
  const state = partsOf((i) => statedTapes[i]!.state);
  let backwardHalf: BackwardHalf | undefined;
  let featuresGradient: Numbers | undefined;
  let input: LayerInput = new Int32Array(0); // of the last forward pass
  let steps = 0;
  let repeats = false;
  let shared = false; // others may write the gradients
  let skipDue = false; // the backward pass of a frozen skip, which is run if its gradient at the state is asked for
  let skipOutput: Numbers | undefined; // that was checked

  function partsOf(kept: (i: number) => NumbersByName): StatePart[] {
    return stated.flatMap(([name, layer], i) =>
      Object.entries(layer.state).map(([key, [depth, size]]) => ({
        name: `${name}.${key}`,
        numbers: statePart(name, key, kept(i), depth * lanes * size),
        depth,
        size,
      })),
    );
  }

  function statePart(name: string, key: string, kept: NumbersByName, length: number): Numbers {
    const numbers = (kept as Partial<NumbersByName> | undefined)?.[key];
    memory.check(`the state ${showName(key)} of layer ${showName(name)}`, numbers, length);
    return numbers!.subarray(0, length);
  }

  /** The output of a layer, which may be another array after each pass: checked once. */
  function outputOf(i: number): Numbers {
    const { output } = tapes[i]!;
    if (output !== undefined && output === outputs[i]) return output;
    const [name, { outputSize }] = layers[i]!;
    memory.check(`the output of layer ${showName(name)}`, output, capacity * lanes * outputSize);
    return (outputs[i] = output);
  }

  function outputGradientOf(i: number): Numbers {
    return (outputGradients[i] ??= allocate(capacity * lanes * layers[i]![1].outputSize));
  }

  function differentiate(): BackwardHalf {
    const gradients = options.gradients();
    const halves = layers.map((layer, i) => differentiateLayer(layer, tapes[i]!, gradients, outputGradientOf(i)));
    const ofSkip = skip && differentiateSkip(skip, gradients);
    const all = ofSkip ? [...halves, ofSkip.half] : halves;
    return {
      gradients: gradients.numbers,
      runs: runsOf(gradients, halves[0]!),
      halves,
      skip: ofSkip,
      state: partsOf((i) => all[i]!.stateGradient),
    };
  }
  function runsOf(block: ParameterBlock, half: LayerGradients): GradientRunsKeeper | undefined {
    const { numbers, learned, tensors } = block;
    const [name, { parameters }] = layers[0]!;
    const table = tensors.get(`${name}.${parameters[0]?.name}`)?.data;
    if (!options.alone || skip || !half.rowsTouched || !table || table.length < LARGE) return undefined;
    const from = (table.byteOffset - numbers.byteOffset) / numbers.BYTES_PER_ELEMENT;
    if (from >= learned.length) return undefined; // it does not learn
    const width = table.length / parameters[0]!.shape[0]!;
    return gradientRuns(kernel, scope, block, { run: [from, from + table.length], width });
  }
  function differentiateSkip([name, layer]: NamedLayers[number], gradients: ParameterBlock): BackwardHalf['skip'] {
    const outputGradient = allocate(capacity * lanes * layer.outputSize);
    return { half: differentiateLayer([name, layer], beside!.tape, gradients, outputGradient), outputGradient };
  }
  function differentiateLayer(
    [name, layer]: NamedLayers[number],
    tape: LayerTape,
    gradients: ParameterBlock,
    outputGradient: Numbers,
  ): LayerGradients {
    const half = tape.differentiate({ gradients: partOf(gradients, name, layer), outputGradient });
    methods(model, `what differentiate of layer ${showName(name)} returns`, half, 'backward');
    return half;
  }

  /** Runs the layer beside the chain on its input, and adds up the outputs of both. */
  function addSkip({ width, tape, sum }: NonNullable<typeof beside>, forwardOptions: ForwardOptions): void {
    tape.forward(input, steps, forwardOptions);
    tape.complete?.();
    lastTape.complete?.();
    const output = outputOf(layers.length - 1);
    const added = tape.output;
    if (added === undefined || added !== skipOutput) {
      memory.check(`the output of layer ${showName(skip![0])}`, added, capacity * lanes * width);
      skipOutput = added;
    }
    for (let r = 0; r < steps * lanes; r++) {
      for (let n = 0; n < outputSize; n++) {
        const i = r * outputSize + n;
        sum[i] = n < width ? output[i]! + added[r * width + n]! : output[i]!;
      }
    }
  }

  function canRepeat(forwardOptions: ForwardOptions): boolean {
    let can = true;
    for (const tape of tapes) can &&= tape.repeats?.(forwardOptions) ?? false;
    return can;
  }

  /** The key of a pass, which decides which calls it makes: steps, kind of input and a number below 4 for the rest. */
  function keyOf(way: number): number {
    return repeats ? 8 * steps + (input instanceof Int32Array ? 4 : 0) + way : NaN;
  }

  const lastTape = tapes.at(-1)!;
  function forward(given: LayerInput, forSteps: number, forwardOptions: ForwardOptions): void {
    steps = forSteps;
    skipDue = false;
    input = place(given, forwardOptions.mask);
    repeats = canRepeat(forwardOptions);
    repeatForward(keyOf(0), () => {
      let x = input;
      for (const [i, tape] of tapes.entries()) {
        notPromise(model, 'forward of a layer must compute', tape.forward(x, steps, forwardOptions));
        if (tape !== lastTape) tape.complete?.();
        x = outputOf(i);
      }
    });
    if (beside) addSkip(beside, forwardOptions);
  }

  function forwardStep(given: LayerInput, t: number): void {
    if (t === 0) {
      forward(given, 1, NO_OPTIONS); // which also forgets the mask and the dropout of the window before
      return;
    }
    if (!(Number.isInteger(t) && t > 0 && t < capacity)) {
      throw new RangeError(`${model}: this tape holds ${capacity} steps, got step ${t}`);
    }
    steps = t + 1;
    input = placeStep(given, t);
    rowAt(t).run(input, keyOf(0));
  }

  return {
    output() {
      lastTape.complete?.();
      return beside?.sum ?? outputOf(layers.length - 1);
    },
    targetLosses: beside ? undefined : lastTape.targetLosses?.bind(lastTape),
    outputGradient: () => outputGradientOf(layers.length - 1),
    state,
    stateGradient() {
      const { state, skip: ofSkip } = (backwardHalf ??= differentiate());
      if (skipDue) ofSkip?.half.backward(input, undefined, steps);
      skipDue = false;
      return state;
    },
    steps: () => steps,
    check,
    forward,
    forwardStep: inRows ? forwardStep : undefined,
    backward({ fromState, atInput, afresh }) {
      const { gradients, halves, skip: ofSkip, state } = (backwardHalf ??= differentiate());
      if (ofSkip) {
        const { width } = beside!; // before the layers, which may use the gradient at their outputs as scratch
        const { outputGradient } = ofSkip;
        kernel.setColumns(
          outputGradient,
          width,
          0,
          outputGradientOf(layers.length - 1),
          outputSize,
          0,
          steps * lanes,
          width,
        );
      }
      if (atInput) {
        if (input instanceof Int32Array)
          throw new TypeError(`${model}: tokens have no gradient, got tokens for layer ${showName(firstName)}`);
        featuresGradient ??= allocate(capacity * lanes * inputSize);
        kernel.zero(featuresGradient, steps * lanes * inputSize);
      }
      const runs = shared || !afresh ? undefined : backwardHalf.runs;
      runs?.clear();
      repeatBackward(keyOf((fromState ? 2 : 0) + (atInput ? 1 : 0) + (runs ? 0.5 : 0)), () => {
        if (afresh && !runs) kernel.zero(gradients, gradients.length);
        if (!fromState) for (const { numbers } of state) kernel.zero(numbers, numbers.length);
        for (let i = tapes.length - 1; i > 0; i--) {
          const below = outputGradientOf(i - 1);
          kernel.zero(below, steps * lanes * layers[i - 1]![1].outputSize);
          halves[i]!.backward(outputOf(i - 1), below, steps);
        }
        halves[0]!.backward(input, atInput ? featuresGradient : undefined, steps);
      });
      runs?.touch(halves[0]!.rowsTouched!(input, steps));
      skipDue = skipFrozen && !atInput && !fromState;
      if (!skipDue) ofSkip?.half.backward(input, atInput ? featuresGradient : undefined, steps);
    },
    gradientRuns: () => (shared ? undefined : backwardHalf?.runs?.current),
    shareGradients() {
      shared = true;
    },
    inputGradient: () => featuresGradient!,
    firstNotFinite() {
      lastTape.complete?.();
      const found = tapes.findIndex(({ output }, i) => !isFinite(output, steps * lanes * layers[i]![1].outputSize));
      if (found >= 0 || !beside) return layers[found]?.[0];
      return isFinite(beside.tape.output, steps * lanes * beside.width) ? undefined : skip[0];
    },
  };
}

function isFinite(numbers: Numbers, length: number): boolean {
  for (let i = 0; i < length; i++) if (!Number.isFinite(numbers[i]!)) return false;
  return true;
}
