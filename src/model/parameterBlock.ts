import type { BufferScope } from '../kernel/kernel.js';
import type { Numbers, Tensor, Tensors } from '../types.js';

/** One flat array and the named tensors that are views of it: weights, gradients or moments. */
export interface ParameterBlock {
  /** All of them. */
  readonly numbers: Numbers;
  /** The tensors that learn, one after another; what clipping and optimizers walk over. */
  readonly learned: Numbers;
  /** Views of the numbers, the frozen ones included, in the order of declaration. */
  readonly tensors: Tensors;
}

/** Lays named shapes out in one array of zeros from `memory`, the frozen ones after those that learn. */
export function parameterBlock(
  memory: Pick<BufferScope, 'allocate'>,
  shapes: ReadonlyMap<string, readonly number[]>,
  frozen: ReadonlySet<string>,
): ParameterBlock {
  const size = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);
  const all = [...shapes];
  const ordered = [...all.filter(([name]) => !frozen.has(name)), ...all.filter(([name]) => frozen.has(name))];
  const numbers = memory.allocate(all.reduce((sum, [, shape]) => sum + size(shape), 0));
  const views = new Map<string, Tensor>();
  let offset = 0;
  let learned = 0;
  for (const [name, shape] of ordered) {
    const end = offset + size(shape);
    views.set(name, { shape, data: numbers.subarray(offset, end) });
    offset = end;
    if (!frozen.has(name)) learned = end;
  }
  return {
    numbers,
    learned: numbers.subarray(0, learned),
    tensors: new Map(all.map(([name]) => [name, views.get(name)!])),
  };
}
