import type { Kernel } from '../kernel/kernel.js';
import type { Numbers } from '../types.js';
import { type Direction, direction } from './direction.js';
import type { Gates } from './gates.js';
import type { ForwardOptions, LayerInput, LayerTape, NumbersByName } from './layer.js';

export interface StackOptions {
  readonly kernel: Kernel;
  readonly gates: Gates;
  readonly weights: NumbersByName;
  readonly gradients: NumbersByName;
  readonly steps: number;
  readonly lanes: number;
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly dropout: number;
  readonly recurrentDropout: number;
  /** What ends the names of the parameters, by layer and direction. */
  readonly suffixes: readonly (readonly string[])[];
}

/** One layer of the stack, both directions side by side. */
interface Storey {
  readonly directions: readonly Direction[];
  readonly output: Numbers;
  readonly outputGradient: Numbers;
}

/** Inverted dropout between two layers: `dropped = output below · factors`, factors 0 or 1 / (1 − p). */
interface Sieve {
  readonly dropped: Numbers;
  readonly factors: Numbers;
}

/** Recurrent layers one on another, each in one direction or in both, over time. */
export function stack(options: StackOptions): LayerTape {
  const { kernel, gates, weights, gradients, steps: capacity, lanes, inputSize, hiddenSize } = options;
  const { dropout, recurrentDropout, suffixes } = options;
  const length = lanes * hiddenSize;
  const both = suffixes[0]!.length;
  const outputSize = both * hiddenSize;

  const allocated = (): NumbersByName =>
    Object.fromEntries(gates.carried.map((name) => [name, kernel.allocate(suffixes.length * both * length)]));
  const state = allocated();
  const stateGradient = allocated();
  const storeys = suffixes.map((_, layer) => storey(layer));
  const sieves = storeys.slice(1).map(() => (dropout > 0 ? sieve() : undefined)); // sieves[i] lies on storeys[i]
  const top = storeys.at(-1)!;
  let dropping = false;

  function storey(layer: number): Storey {
    const directions = suffixes[layer]!.map((suffix, side) => {
      const part = (all: NumbersByName): NumbersByName => {
        const at = (layer * both + side) * length;
        return Object.fromEntries(Object.entries(all).map(([name, data]) => [name, data.subarray(at, at + length)]));
      };
      return direction({
        kernel,
        gates,
        steps: capacity,
        lanes,
        hiddenSize,
        inputSize: layer === 0 ? inputSize : outputSize,
        weights: ending(weights, suffix),
        gradients: ending(gradients, suffix),
        reverse: side === 1,
        recurrentDropout,
        state: part(state),
        stateGradient: part(stateGradient),
      });
    });
    const [only] = directions;
    if (both === 1) return { directions, output: only!.output, outputGradient: only!.outputGradient };
    const size = capacity * lanes * outputSize;
    return { directions, output: kernel.allocate(size), outputGradient: kernel.allocate(size) };
  }

  function sieve(): Sieve {
    const size = capacity * lanes * outputSize;
    return { dropped: kernel.allocate(size), factors: kernel.allocate(size) };
  }

  /** What layer `layer` reads. */
  function inputOf(layer: number, input: LayerInput): LayerInput {
    if (layer === 0) return input;
    return dropping ? sieves[layer - 1]!.dropped : storeys[layer - 1]!.output;
  }

  function forward(input: LayerInput, steps: number, forwardOptions: ForwardOptions = {}): void {
    const { dropout: random } = forwardOptions;
    const rows = steps * lanes;
    dropping = random !== undefined && dropout > 0;
    for (const [layer, { directions, output }] of storeys.entries()) {
      for (const [side, one] of directions.entries()) {
        one.forward(inputOf(layer, input), steps, forwardOptions);
        if (both > 1) {
          kernel.setColumns(output, outputSize, side * hiddenSize, one.output, hiddenSize, 0, rows, hiddenSize);
        }
      }
      const above = sieves[layer];
      if (!random || !above) continue;
      for (let i = 0; i < rows * outputSize; i++) {
        above.factors[i] = random.uniform() < dropout ? 0 : 1 / (1 - dropout);
      }
      kernel.multiplyElementwise(above.dropped, output, above.factors, rows * outputSize);
    }
  }

  function backward(input: LayerInput, inputGradient: Numbers | undefined, steps: number): void {
    const rows = steps * lanes;
    for (let layer = storeys.length - 1; layer >= 0; layer--) {
      const { directions, outputGradient } = storeys[layer]!;
      const below = storeys[layer - 1]?.outputGradient;
      if (below) kernel.zero(below, rows * outputSize);
      for (const [side, one] of directions.entries()) {
        if (both > 1) {
          const column = side * hiddenSize;
          kernel.setColumns(one.outputGradient, hiddenSize, 0, outputGradient, outputSize, column, rows, hiddenSize);
        }
        one.backward(inputOf(layer, input), below ?? inputGradient, steps);
      }
      if (below && dropping) kernel.multiplyElementwise(below, below, sieves[layer - 1]!.factors, rows * outputSize);
    }
  }

  return {
    output: top.output,
    outputGradient: top.outputGradient,
    state,
    stateGradient,
    forward,
    backward,
    repeats: ({ mask, dropout: random }) => !mask && (!random || (dropout === 0 && recurrentDropout === 0)),
  };
}

/** The numbers whose names have this suffix, by their names without it. */
function ending(all: NumbersByName, suffix: string): NumbersByName {
  const names = ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'];
  return Object.fromEntries(names.filter((name) => name + suffix in all).map((name) => [name, all[name + suffix]!]));
}
