import type { ForwardOptions, LayerGradients, LayerInput } from '../layer/layer.js';
import type { Numbers } from '../types.js';
import type { NamedLayers } from './allocateParameters.js';
import { type CheckedTape, checkedTape, type CheckedTapeContext } from './checkedTape.js';
import type { ParameterBlock } from './parameterBlock.js';

/** The tape of a layer beside a chain: it reads the chain's input, and its outputs are added to the chain's first. */
export interface SkipTape {
  readonly own: CheckedTape;
  /** The outputs of both, added up: `steps × lanes` rows as wide as the chain's. */
  readonly sum: Numbers;
  /** Runs the layer, and adds up the outputs of both, once the chain has run. */
  forward(input: LayerInput, steps: number, options: ForwardOptions): void;
  /** Makes the backward half. */
  differentiate(gradients: ParameterBlock): SkipGradients;
}

/** The backward half of the layer. */
export interface SkipGradients {
  readonly half: LayerGradients;
  /** Copies its part of the gradient at `sum`, which the chain may then use as scratch. */
  take(sumGradient: Numbers, steps: number): void;
  /** Runs backward; where nothing of it is `needed` yet, at the latest in `finish`. */
  backward(input: LayerInput, inputGradient: Numbers | undefined, steps: number, needed: boolean): void;
  /** Runs the backward pass of the last forward pass if that is still due. */
  finish(input: LayerInput, steps: number): void;
}

/** Makes the tape of a layer beside a chain whose last layer is `last`. */
export function skipTape(layer: NamedLayers[number], context: CheckedTapeContext, last: CheckedTape): SkipTape {
  const { kernel, lanes, memory } = context;
  const { outputSize } = last;
  const own = checkedTape(layer, context);
  const width = own.outputSize;
  const sum = memory.allocate(context.steps * lanes * outputSize);
  let due = false;

  return {
    own,
    sum,
    forward(input, steps, options) {
      due = false;
      own.tape.forward(input, steps, options);
      own.complete();
      last.complete();
      const [output, added] = [last.output(), own.output()];
      for (let r = 0; r < steps * lanes; r++) {
        for (let n = 0; n < outputSize; n++) {
          const i = r * outputSize + n;
          sum[i] = n < width ? output[i]! + added[r * width + n]! : output[i]!;
        }
      }
    },
    differentiate(gradients) {
      const outputGradient = memory.allocate(context.steps * lanes * width);
      const half = own.differentiate(gradients, outputGradient);
      return {
        half,
        take(sumGradient, steps) {
          kernel.setColumns(outputGradient, width, 0, sumGradient, outputSize, 0, steps * lanes, width);
        },
        backward(input, inputGradient, steps, needed) {
          due = !needed;
          if (needed) half.backward(input, inputGradient, steps);
        },
        finish(input, steps) {
          if (due) half.backward(input, undefined, steps);
          due = false;
        },
      };
    },
  };
}
