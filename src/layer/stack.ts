import type { Numbers } from '../types.js';
import type { CellKind } from './cellKind.js';
import { direction } from './direction.js';
import { dropoutMask } from './dropoutMask.js';
import type { ForwardOptions, GradientContext, LayerInput, LayerTape, NumbersByName, TapeContext } from './layer.js';

export interface StackOptions {
  readonly inputSize: number;
  readonly hiddenSize: number;
  /** The cell that each direction of each layer unrolls over time. */
  readonly cell: CellKind;
  /** The share of numbers dropped between layers. */
  readonly dropout: number;
  /** The share of the state that the recurrent product does not see. */
  readonly recurrentDropout: number;
  /** Suffixes of the parameters' names, by layer and direction. */
  readonly suffixes: readonly (readonly string[])[];
}

/** One layer of the stack, both directions side by side, with dropout on its output to the layer above. */
interface StackedLayer {
  /** What the layer above reads, where the last `forward` left it. */
  readonly output: Numbers;
  readonly drops: boolean;
  readonly repeats: boolean;
  forward(input: LayerInput, steps: number, options: ForwardOptions): void;
  differentiate(context: GradientContext & { readonly stateGradient: NumbersByName }): StackedGradients;
}

interface StackedGradients {
  backward(input: LayerInput, inputGradient: Numbers | undefined, steps: number): void;
}

/** Stacked recurrent layers, each in one direction or in both, unrolled over time. */
export function stack(options: StackOptions, context: TapeContext): LayerTape {
  const { kernel, steps: capacity, lanes, allocate } = context;
  const { hiddenSize, cell, suffixes } = options;
  const directions = suffixes[0]!.length;
  const outputSize = directions * hiddenSize;
  const allocateState = (): NumbersByName =>
    Object.fromEntries(
      cell.carried.map((name) => [name, allocate(suffixes.length * directions * lanes * hiddenSize)] as const),
    );
  const state = allocateState();
  const layers = suffixes.map((_, layer) => stackedLayer(layer, options, context, state));
  const top = layers.at(-1)!;
  const [repeats, drops] = [layers.every((layer) => layer.repeats), layers.some((layer) => layer.drops)];

  const own: LayerTape & { output: Numbers } = {
    output: top.output,
    state,
    forward(input, steps, forwardOptions = {}) {
      let x = input;
      for (const layer of layers) {
        layer.forward(x, steps, forwardOptions);
        x = layer.output;
      }
      own.output = top.output;
    },
    differentiate({ gradients, outputGradient }) {
      const stateGradient = allocateState();
      const outputGradients = layers.map((layer) =>
        layer === top ? outputGradient : allocate(capacity * lanes * outputSize),
      );
      const back = layers.map((layer, i) =>
        layer.differentiate({ gradients, outputGradient: outputGradients[i]!, stateGradient }),
      );
      return {
        stateGradient,
        backward(input, inputGradient, steps) {
          for (let i = layers.length - 1; i > 0; i--) {
            kernel.zero(outputGradients[i - 1]!, steps * lanes * outputSize);
            back[i]!.backward(layers[i - 1]!.output, outputGradients[i - 1], steps);
          }
          back[0]!.backward(input, inputGradient, steps);
        },
      };
    },
    repeats: ({ mask, dropoutRandom }) => repeats && !mask && !(dropoutRandom && drops),
    inRows: (cell.inRows ?? false) && directions === 1,
  };
  return own;
}

function stackedLayer(
  layer: number,
  { inputSize, hiddenSize, cell, dropout, recurrentDropout, suffixes }: StackOptions,
  context: TapeContext,
  state: NumbersByName,
): StackedLayer {
  const { kernel, weights, steps: capacity, lanes, allocate } = context;
  const ends = suffixes[layer]!;
  const outputSize = ends.length * hiddenSize;
  const size = capacity * lanes * outputSize;
  const sides = ends.map((suffix, side) =>
    direction(cell, recurrentDropout, {
      ...context,
      weights: withSuffix(weights, suffix),
      inputSize: layer === 0 ? inputSize : outputSize,
      hiddenSize,
      reverse: side === 1,
      state: partOf(state, side),
    }),
  );
  const joined = sides.length > 1 ? allocate(size) : undefined;
  const isTop = layer === suffixes.length - 1;
  const mask = dropout > 0 && !isTop ? dropoutMask(kernel, allocate, dropout, size) : undefined;
  let dropped: Numbers | undefined;
  let dropping = false;

  /** A direction's part of the stack's carried numbers. */
  function partOf(all: NumbersByName, side: number): NumbersByName {
    const length = lanes * hiddenSize;
    const at = (layer * ends.length + side) * length;
    return Object.fromEntries(Object.entries(all).map(([name, data]) => [name, data.subarray(at, at + length)]));
  }

  const own: StackedLayer & { output: Numbers } = {
    output: joined ?? sides[0]!.output,
    drops: mask !== undefined || sides.some(({ drops }) => drops),
    repeats: sides.every(({ repeats }) => repeats),
    forward(input, steps, options) {
      const rows = steps * lanes;
      for (const [side, one] of sides.entries()) {
        one.forward(input, steps, options);
        if (!joined) continue;
        kernel.setColumns(joined, outputSize, side * hiddenSize, one.output, hiddenSize, 0, rows, hiddenSize);
      }
      own.output = joined ?? sides[0]!.output;
      dropping = mask !== undefined && options.dropoutRandom !== undefined;
      if (!mask || !options.dropoutRandom) return;
      mask.draw(options.dropoutRandom, rows * outputSize);
      dropped ??= allocate(size);
      mask.apply(dropped, own.output, rows * outputSize);
      own.output = dropped;
    },
    differentiate({ gradients, outputGradient, stateGradient }) {
      const sideGradients = sides.map(() => (joined ? allocate(capacity * lanes * hiddenSize) : outputGradient));
      const back = sides.map((one, side) =>
        one.differentiate({
          gradients: withSuffix(gradients, ends[side]!),
          outputGradient: sideGradients[side]!,
          stateGradient: partOf(stateGradient, side),
        }),
      );
      return {
        backward(input, inputGradient, steps) {
          const rows = steps * lanes;
          if (dropping) mask!.apply(outputGradient, outputGradient, rows * outputSize);
          for (const [side, one] of back.entries()) {
            if (joined) {
              const column = side * hiddenSize;
              const to = sideGradients[side]!;
              kernel.setColumns(to, hiddenSize, 0, outputGradient, outputSize, column, rows, hiddenSize);
            }
            one.backward(input, inputGradient, steps);
          }
        },
      };
    },
  };
  return own;
}

/** The numbers whose names have this suffix, by their names without it. */
function withSuffix(all: NumbersByName, suffix: string): NumbersByName {
  const own = Object.entries(all).filter(([name]) => name.endsWith(suffix));
  return Object.fromEntries(own.map(([name, data]) => [name.slice(0, name.length - suffix.length), data]));
}
