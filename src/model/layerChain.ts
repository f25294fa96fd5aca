import type { BufferScope, Kernel } from '../kernel/kernel.js';
import type { ForwardOptions, LayerGradients, LayerInput, NumbersByName } from '../layer/layer.js';
import type { Numbers } from '../types.js';
import { type NamedLayers, partOf } from './allocateParameters.js';
import { checkWindow } from './checkWindow.js';
import type { ParameterBlock } from './parameterBlock.js';

export interface LayerChainOptions {
  readonly kernel: Kernel;
  readonly layers: NamedLayers;
  readonly weights: ParameterBlock;
  /** Where the backward pass adds the gradients of the parameters; asked for once, before the first. */
  gradients(): ParameterBlock;
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

/** How a backward pass goes. */
interface ChainBackwardOptions {
  /** Whether the gradient at the final state is in `stateGradient`; without it that is zeros. */
  readonly fromState: boolean;
  /** Whether the gradient at the features is computed too. */
  readonly atInput: boolean;
  /** Whether the gradients of all parameters, those of other chains too, are zeroed first: the same in every pass. */
  readonly afresh: boolean;
}

/**
 * Layers end to end in one set of buffers: forward from first to last, backward from last to first.
 *
 * What only the backward pass needs is made when it is first run; the gradient at the output, which a loss writes even
 * where nothing is learned, when it is first asked for.
 */
export interface LayerChain {
  /** `steps × lanes × outputSize`: where the last forward pass left it. */
  output(): Numbers;
  /** The gradient at the output. */
  outputGradient(): Numbers;
  readonly state: readonly StatePart[];
  /** The gradient at `state`, in the same order. */
  stateGradient(): readonly StatePart[];
  /** Steps of the last forward pass. */
  steps(): number;
  /** Refuses an input or a mask that does not fit; the values at padding do not matter. Writes nothing. */
  check(input: LayerInput, steps: number, mask: Uint8Array | undefined): void;
  /** Runs a window that `check` has accepted. */
  forward(input: LayerInput, steps: number, options: ForwardOptions): void;
  /** Adds to the gradients of the parameters. */
  backward(options: ChainBackwardOptions): void;
  /** The gradient at the features, as the last backward pass left it. */
  inputGradient(): Numbers;
  /** The first layer whose output is not finite, by name. */
  firstNotFinite(): string | undefined;
}

/** What only the backward pass needs. */
interface BackwardHalf {
  /** Of all parameters. */
  readonly gradients: Numbers;
  /** Of each layer. */
  readonly halves: readonly LayerGradients[];
  /** The gradient at the state. */
  readonly state: readonly StatePart[];
}

export function layerChain(options: LayerChainOptions): LayerChain {
  const { kernel, layers, weights, steps: capacity, lanes, scope } = options;
  const { allocate } = scope;
  const tapes = layers.map(([name, layer]) =>
    layer.tape({ kernel, weights: partOf(weights, name, layer), steps: capacity, lanes, allocate }),
  );
  const last = tapes.at(-1)!;
  const [firstName, { inputSize, takes }] = layers[0]!;
  const [repeatForward, repeatBackward] = [scope.repeat(), scope.repeat()];
  const outputGradients: (Numbers | undefined)[] = layers.map(() => undefined);
  const state = partsOf((i) => tapes[i]!.state);
  let backwardHalf: BackwardHalf | undefined;
  let tokens: Int32Array | undefined;
  let features: Numbers | undefined;
  let featuresGradient: Numbers | undefined;
  let input: LayerInput = new Int32Array(0); // of the last forward pass
  let steps = 0;
  let repeats = false;

  function partsOf(kept: (i: number) => NumbersByName): StatePart[] {
    return layers.flatMap(([name, layer], i) =>
      Object.entries(layer.state).map(([key, [depth, size]]) => ({
        name: `${name}.${key}`,
        numbers: kept(i)[key]!,
        depth,
        size,
      })),
    );
  }

  function outputGradientOf(i: number): Numbers {
    return (outputGradients[i] ??= allocate(capacity * lanes * layers[i]![1].outputSize));
  }

  function differentiate(): BackwardHalf {
    const gradients = options.gradients();
    const halves = layers.map(([name, layer], i) =>
      tapes[i]!.differentiate({ gradients: partOf(gradients, name, layer), outputGradient: outputGradientOf(i) }),
    );
    return { gradients: gradients.numbers, halves, state: partsOf((i) => halves[i]!.stateGradient) };
  }

  function check(given: LayerInput, steps: number, mask: Uint8Array | undefined): void {
    checkWindow('tape', { steps, lanes, mask });
    if (steps > capacity) throw new RangeError(`tape: holds ${capacity} steps, got ${steps}`);
    const rows = steps * lanes;
    if (given instanceof Int32Array) {
      if (takes === 'features') throw new TypeError(`${firstName}: takes features, got tokens`);
      checkLength(given.length, rows, steps);
      for (let r = 0; r < rows; r++) {
        if ((given[r]! < -1 || given[r]! >= inputSize) && mask?.[r] !== 0) {
          throw new RangeError(`${firstName}: token ${given[r]} is outside the vocabulary of ${inputSize}`);
        }
      }
    } else {
      if (takes === 'tokens') throw new TypeError(`${firstName}: takes tokens (Int32Array), got features`);
      checkLength(given.length, rows * inputSize, steps);
    }
  }
  function checkLength(length: number, expected: number, steps: number): void {
    if (length !== expected) {
      throw new RangeError(`${firstName}: ${steps} steps × ${lanes} lanes need ${expected} inputs, got ${length}`);
    }
  }

  /** Copies the input to where the kernel reads; padding becomes "no input", whatever its values. */
  function place(given: LayerInput, mask: Uint8Array | undefined): LayerInput {
    if (given instanceof Int32Array) {
      tokens ??= scope.allocateTokens(capacity * lanes);
      tokens.set(given);
      if (mask) for (let r = 0; r < given.length; r++) if (mask[r] === 0) tokens[r] = -1;
      return tokens;
    }
    features ??= allocate(capacity * lanes * inputSize);
    features.set(given);
    if (mask) {
      for (let r = 0; r < mask.length; r++) {
        if (mask[r] === 0) features.fill(0, r * inputSize, (r + 1) * inputSize);
      }
    }
    return features;
  }

  /** The key of a pass, which decides which calls it makes: steps, kind of input and a number below 4 for the rest. */
  function keyOf(way: number): number {
    return repeats ? 8 * steps + (input instanceof Int32Array ? 4 : 0) + way : NaN;
  }

  return {
    output: () => last.output,
    outputGradient: () => outputGradientOf(layers.length - 1),
    state,
    stateGradient: () => (backwardHalf ??= differentiate()).state,
    steps: () => steps,
    check,
    forward(given, forSteps, forwardOptions) {
      steps = forSteps;
      input = place(given, forwardOptions.mask);
      repeats = true;
      for (const tape of tapes) repeats &&= tape.repeats?.(forwardOptions) ?? false;
      repeatForward(keyOf(0), () => {
        let x = input;
        for (const tape of tapes) {
          tape.forward(x, steps, forwardOptions);
          x = tape.output;
        }
      });
    },
    backward({ fromState, atInput, afresh }) {
      const { gradients, halves, state } = (backwardHalf ??= differentiate());
      if (atInput) {
        if (input instanceof Int32Array) throw new TypeError(`${firstName}: tokens have no gradient`);
        featuresGradient ??= allocate(capacity * lanes * inputSize);
        kernel.zero(featuresGradient, steps * lanes * inputSize);
      }
      repeatBackward(keyOf((fromState ? 2 : 0) + (atInput ? 1 : 0)), () => {
        if (afresh) kernel.zero(gradients, gradients.length);
        if (!fromState) for (const { numbers } of state) kernel.zero(numbers, numbers.length);
        for (let i = tapes.length - 1; i > 0; i--) {
          const below = outputGradientOf(i - 1);
          kernel.zero(below, steps * lanes * layers[i - 1]![1].outputSize);
          halves[i]!.backward(tapes[i - 1]!.output, below, steps);
        }
        halves[0]!.backward(input, atInput ? featuresGradient : undefined, steps);
      });
    },
    inputGradient: () => featuresGradient!,
    firstNotFinite() {
      const found = tapes.findIndex(({ output }, i) => !isFinite(output, steps * lanes * layers[i]![1].outputSize));
      return layers[found]?.[0];
    },
  };
}

function isFinite(numbers: Numbers, length: number): boolean {
  for (let i = 0; i < length; i++) if (!Number.isFinite(numbers[i]!)) return false;
  return true;
}
