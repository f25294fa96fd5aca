import type { BufferScope } from '../kernel/kernel.js';
import type { HalfDtype, Numbers, Tensor, Tensors } from '../types.js';

/** One flat array and the named tensors that are views of it: weights, gradients or moments. */
export interface ParameterBlock {
  /** All of them. */
  readonly numbers: Numbers;
  /** The tensors that learn, one after another; what clipping and optimizers walk over. */
  readonly learned: Numbers;
  /** Views of the numbers, the frozen ones included, in the order of declaration. */
  readonly tensors: Tensors;
  /** Names of parameters that are others, which alone are among the tensors; absent where none is. */
  readonly ties?: ReadonlyMap<string, string>;
  /** What all numbers are rounded to, where they are weights of a model that does not learn. */
  readonly half?: HalfDtype;
  /** Of gradients: the weights that they are of. */
  readonly of?: ParameterBlock;
}

/** Lays named shapes out in one array of zeros from `memory`, the frozen ones after those that learn. */
export function parameterBlock(
  memory: Pick<BufferScope, 'allocate'>,
  shapes: ReadonlyMap<string, readonly number[]>,
  frozen: ReadonlySet<string>,
  half?: HalfDtype,
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
    ...(half && { half }),
  };
}
