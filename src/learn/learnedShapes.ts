import type { Kernel } from '../kernel/kernel.js';
import type { ParameterBlock } from '../model/parameterBlock.js';

/** What an optimizer needs to know of a model. */
export interface Trainable {
  /** The name of the function that made it. */
  readonly kind?: string;
  readonly kernel: Kernel;
  readonly weights: ParameterBlock;
  readonly frozen: ReadonlySet<string>;
}

/** The shapes of the parameters that learn: frozen ones, which no update moves, have no moments. */
export function learnedShapes({ weights, frozen }: Trainable): Map<string, readonly number[]> {
  const learned = [...weights.tensors].filter(([name]) => !frozen.has(name));
  return new Map(learned.map(([name, { shape }]) => [name, shape]));
}
