import { callable } from '../check/callable.js';
import { methods } from '../check/methods.js';
import { optional } from '../check/optional.js';
import { showName } from '../check/showName.js';
import type { Kernel } from '../kernel/kernel.js';
import type { LayerGradients, LayerTape, NumbersByName } from '../layer/layer.js';
import type { OwnMemory } from '../layer/ownMemory.js';
import type { Numbers } from '../types.js';
import { type NamedLayers, partOf } from './allocateParameters.js';
import type { ParameterBlock } from './parameterBlock.js';

/** What the tapes of a chain share. */
export interface CheckedTapeContext {
  /** The kind of the model, for messages. */
  readonly model: string;
  readonly kernel: Kernel;
  readonly weights: ParameterBlock;
  /** The most steps of a window. */
  readonly steps: number;
  readonly lanes: number;
  readonly memory: OwnMemory;
}

/** A part of the carried state, `depth × lanes × size`, as `layer.name`. */
export interface StatePart {
  readonly name: string;
  readonly numbers: Numbers;
  readonly depth: number;
  readonly size: number;
}

/** The tape of a layer that may be anybody's: the arrays that it gives are checked, each once. */
export interface CheckedTape {
  readonly name: string;
  readonly outputSize: number;
  readonly tape: LayerTape;
  /** The output where the last `forward` left it, which may be another array after each pass. */
  output(): Numbers;
  /** Computes the output that the last `forward` deferred, if it did. */
  complete(): void;
  /** Makes the backward half, which adds to its part of `gradients`. */
  differentiate(gradients: ParameterBlock, outputGradient: Numbers): LayerGradients;
  /** The parts of its carried state, or of the gradient at that, by the layer's own names in `kept`. */
  stateParts(kept: NumbersByName): StatePart[];
  /** A tape of one step in row `t` of the arrays of a tape that is `inRows`. */
  rowTape(t: number): LayerTape;
}

const perhapsCallable = optional(callable);

/** Makes the tape of a layer of a model. A TypeError or RangeError names the layer, and what of its tape does not fit. */
export function checkedTape([name, layer]: NamedLayers[number], context: CheckedTapeContext): CheckedTape {
  const { model, kernel, weights, steps, lanes, memory } = context;
  const shown = `layer ${showName(name)}`;
  const { outputSize } = layer;
  const own = { kernel, weights: partOf(weights, name, layer), lanes };
  const arrays: Numbers[] = []; // that the tape allocates when it is made
  let made = false;
  const allocate = (length: number): Numbers => {
    const array = memory.allocate(length);
    if (!made) arrays.push(array);
    return array;
  };
  const tape = layer.tape({ ...own, steps, allocate });
  made = true;
  methods(model, `the tape of ${shown}`, tape, 'forward', 'differentiate');
  perhapsCallable(model, `repeats in the tape of ${shown}`, tape.repeats);
  let checked: Numbers | undefined; // the latest output

  return {
    name,
    outputSize,
    tape,
    output() {
      const { output } = tape;
      if (output !== undefined && output === checked) return output;
      memory.check(`the output of ${shown}`, output, steps * lanes * outputSize);
      return (checked = output);
    },
    complete: () => tape.complete?.(),
    differentiate(gradients, outputGradient) {
      const half = tape.differentiate({ gradients: partOf(gradients, name, layer), outputGradient });
      methods(model, `what differentiate of ${shown} returns`, half, 'backward');
      return half;
    },
    stateParts: (kept) =>
      Object.entries(layer.state).map(([key, [depth, size]]) => {
        const length = depth * lanes * size;
        const numbers = (kept as Partial<NumbersByName> | undefined)?.[key];
        memory.check(`the state ${showName(key)} of ${shown}`, numbers, length);
        return { name: `${name}.${key}`, numbers: numbers!.subarray(0, length), depth, size };
      }),
    rowTape(t) {
      let next = 0;
      const allocate = (length: number): Numbers => {
        const row = rowOf(arrays[next++], length, steps, t);
        if (row) return row;
        throw new Error(`${model}: ${shown} says inRows, but what it allocates is not in rows`);
      };
      return layer.tape({ ...own, steps: 1, allocate });
    },
  };
}

/**
 * The row of an array for `steps` steps that takes the place of one of `length` numbers for one step, if there is one. A
 * layer allocates the same arrays in the same order for any number of steps, so that the two lengths say where it lies.
 *
 * ```
 *   allocated for 3 steps   [ 0 | 1 | 2 ]   [ before | 0 | 1 | 2 ]   [ state ]
 *   for step 1                  [ 1 ]                [ 0 | 1 ]       [ state ]
 * ```
 */
function rowOf(all: Numbers | undefined, length: number, steps: number, t: number): Numbers | undefined {
  if (!all) return undefined;
  const width = (all.length - length) / (steps - 1); // of a row; 0: the same for all steps
  const fits = Number.isInteger(width) && (width === 0 || width === length || 2 * width === length);
  return fits ? all.subarray(t * width, t * width + length) : undefined;
}
