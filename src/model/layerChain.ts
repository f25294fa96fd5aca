import { notPromise } from '../check/notPromise.js';
import { showName } from '../check/showName.js';
import type { BufferScope, Kernel } from '../kernel/kernel.js';
import type { ForwardOptions, LayerGradients, LayerInput, LayerTape } from '../layer/layer.js';
import { ownMemory } from '../layer/ownMemory.js';
import type { Numbers } from '../types.js';
import type { NamedLayers } from './allocateParameters.js';
import { type ChainInput, chainInput } from './chainInput.js';
import { checkedTape, type StatePart } from './checkedTape.js';
import { gradientRuns, type GradientRuns, type GradientRunsKeeper } from './gradientRuns.js';
import type { ParameterBlock } from './parameterBlock.js';
import { rowPasses } from './rowPasses.js';
import { type SkipGradients, skipTape } from './skipTape.js';

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
  readonly ofSkip: SkipGradients | undefined;
  /** The gradient at the state. */
  readonly state: readonly StatePart[];
}

/** Tables of fewer numbers are not worth their runs. */
const LARGE = 65_536;

const NO_OPTIONS: ForwardOptions = Object.freeze({});

export function layerChain(options: LayerChainOptions): LayerChain {
  const { model, kernel, layers, skipFrozen = false, weights, steps: capacity, lanes, scope } = options;
  const memory = ownMemory(model, kernel.dtype, scope.allocate, [weights.numbers]);
  const { allocate } = memory;
  const context = { model, kernel, weights, steps: capacity, lanes, memory };
  const tapes = layers.map((layer) => checkedTape(layer, context));
  const last = tapes.at(-1)!;
  const skip = options.skip && skipTape(options.skip, context, last);
  const all = skip ? [...tapes, skip.own] : tapes;
  const [firstName, { inputSize }] = layers[0]!;
  const readers = options.skip ? [layers[0]!, options.skip] : [layers[0]!]; // the layers that read the input
  const { check, place, placeStep } = chainInput({ model, readers, steps: capacity, lanes, allocate, scope });
  const [repeatForward, repeatBackward] = [scope.repeat(), scope.repeat()];
  const inRows = !skip && capacity > 1 && tapes.every(({ tape }) => tape.inRows === true);
  const rowPass = rowPasses(tapes, capacity, scope);
  const outputGradients: (Numbers | undefined)[] = layers.map(() => undefined);
  const state = all.flatMap(({ tape, stateParts }) => stateParts(tape.state));
  let backwardHalf: BackwardHalf | undefined;
  let featuresGradient: Numbers | undefined;
  let input: LayerInput = new Int32Array(0); // of the last forward pass
  let steps = 0;
  let repeats = false;
  let shared = false; // others may write the gradients

  function outputGradientOf(i: number): Numbers {
    return (outputGradients[i] ??= allocate(capacity * lanes * tapes[i]!.outputSize));
  }

  function differentiate(): BackwardHalf {
    const gradients = options.gradients();
    const halves = tapes.map((tape, i) => tape.differentiate(gradients, outputGradientOf(i)));
    const ofSkip = skip?.differentiate(gradients);
    const allHalves = ofSkip ? [...halves, ofSkip.half] : halves;
    return {
      gradients: gradients.numbers,
      runs: runsOf(gradients, halves[0]!),
      halves,
      ofSkip,
      state: all.flatMap(({ stateParts }, i) => stateParts(allHalves[i]!.stateGradient)),
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

  /** The key of a pass: all that decides which calls it makes, in one number. */
  function keyOf(fromState: boolean, atInput: boolean, inRuns: boolean): number {
    if (!repeats) return NaN;
    const way = (input instanceof Int32Array ? 8 : 0) + (fromState ? 4 : 0) + (atInput ? 2 : 0) + (inRuns ? 1 : 0);
    return 16 * steps + way;
  }

  function forward(given: LayerInput, forSteps: number, forwardOptions: ForwardOptions): void {
    steps = forSteps;
    input = place(given, forwardOptions.mask);
    repeats = true;
    for (const { tape } of tapes) repeats &&= tape.repeats?.(forwardOptions) ?? false;
    repeatForward(keyOf(false, false, false), () => {
      let x = input;
      for (const own of tapes) {
        notPromise(model, 'forward of a layer must compute', own.tape.forward(x, steps, forwardOptions));
        if (own !== last) own.complete();
        x = own.output();
      }
    });
    skip?.forward(input, steps, forwardOptions);
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
    rowPass(t)(input, keyOf(false, false, false));
  }

  return {
    output() {
      last.complete();
      return skip?.sum ?? last.output();
    },
    targetLosses: skip ? undefined : last.tape.targetLosses?.bind(last.tape),
    outputGradient: () => outputGradientOf(layers.length - 1),
    state,
    stateGradient() {
      const { state, ofSkip } = (backwardHalf ??= differentiate());
      ofSkip?.finish(input, steps);
      return state;
    },
    steps: () => steps,
    check,
    forward,
    forwardStep: inRows ? forwardStep : undefined,
    backward({ fromState, atInput, afresh }) {
      const { gradients, halves, ofSkip, state } = (backwardHalf ??= differentiate());
      ofSkip?.take(outputGradientOf(layers.length - 1), steps);
      if (atInput) {
        if (input instanceof Int32Array)
          throw new TypeError(`${model}: tokens have no gradient, got tokens for layer ${showName(firstName)}`);
        featuresGradient ??= allocate(capacity * lanes * inputSize);
        kernel.zero(featuresGradient, steps * lanes * inputSize);
      }
      const inputGradient = atInput ? featuresGradient : undefined;
      const runs = shared || !afresh ? undefined : backwardHalf.runs;
      runs?.clear();
      repeatBackward(keyOf(fromState, atInput, runs !== undefined), () => {
        if (afresh && !runs) kernel.zero(gradients, gradients.length);
        if (!fromState) for (const { numbers } of state) kernel.zero(numbers, numbers.length);
        for (let i = tapes.length - 1; i > 0; i--) {
          const [below, belowGradient] = [tapes[i - 1]!, outputGradientOf(i - 1)];
          kernel.zero(belowGradient, steps * lanes * below.outputSize);
          halves[i]!.backward(below.output(), belowGradient, steps);
        }
        halves[0]!.backward(input, inputGradient, steps);
      });
      runs?.touch(halves[0]!.rowsTouched!(input, steps));
      ofSkip?.backward(input, inputGradient, steps, !skipFrozen || atInput || fromState);
    },
    gradientRuns: () => (shared ? undefined : backwardHalf?.runs?.current),
    shareGradients() {
      shared = true;
    },
    inputGradient: () => featuresGradient!,
    firstNotFinite() {
      last.complete();
      return all.find(({ tape, outputSize }) => !areFinite(tape.output, steps * lanes * outputSize))?.name;
    },
  };
}

function areFinite(numbers: Numbers, length: number): boolean {
  for (let i = 0; i < length; i++) if (!Number.isFinite(numbers[i]!)) return false;
  return true;
}
