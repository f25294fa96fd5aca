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
}

const perhapsCallable = optional(callable);

/** Makes the tape of a layer of a model. A TypeError or RangeError names the layer, and what of its tape does not fit. */
export function checkedTape([name, layer]: NamedLayers[number], context: CheckedTapeContext): CheckedTape {
  const { model, kernel, weights, steps, lanes, memory } = context;
  const shown = `layer ${showName(name)}`;
  const { outputSize } = layer;
  const { allocate } = memory;
  const tape = layer.tape({ kernel, weights: partOf(weights, name, layer), steps, lanes, allocate });
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
  };
}
