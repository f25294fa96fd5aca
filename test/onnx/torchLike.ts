import { encodeModel } from '../../src/onnx/encodeModel.js';
import { graphBuilder } from '../../src/onnx/graphBuilder.js';
import type { OnnxValue } from '../../src/onnx/onnxModel.js';
import { seeded } from '../../src/random/seeded.js';

/** A graph as torch's exporter writes one: lanes first, states of zeros, Gemm, a table. */
export function torchLike(
  change: { readonly lbr?: number; readonly state?: number; readonly twice?: boolean } = {},
): Uint8Array {
  const random = seeded(1);
  const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => random.uniform(-0.5, 0.5));
  const b = graphBuilder();
  const embedded = b.add('Gather', [b.numbers([7, 5], numbers(35)), 'input']);
  const turned = b.add('Transpose', [embedded], { perm: [1, 0, 2] });
  const lanes = b.slice(b.add('Shape', [turned]), 0, 1, 2);
  const shape = b.add('Concat', [b.integers(1), lanes, b.integers(4)], { axis: 0 });
  const zeros = b.add('Expand', [b.numbers([1], [change.state ?? 0]), shape]);
  const [y] = b.addAll(
    'GRU',
    [
      turned,
      b.numbers([1, 12, 5], numbers(60)),
      b.numbers([1, 12, 4], numbers(48)),
      b.numbers([1, 24], numbers(24)),
      '',
      zeros,
    ],
    2,
    { hidden_size: 4, linear_before_reset: change.lbr ?? 1 },
  );
  const squeezed = b.add('Squeeze', [y!, b.integers(1)]);
  const back = b.add('Transpose', [squeezed], { perm: [1, 0, 2] });
  const fc = b.add('MatMul', [back, b.numbers([4, 3], numbers(12))]);
  const added = b.add('Add', [b.numbers([3], numbers(3)), fc]);
  b.output(
    'output',
    change.twice ? b.add('Add', [added, b.add('Tanh', [added])]) : b.add('LogSoftmax', [added], { axis: 2 }),
  );
  const value = (name: string, type: 'float' | 'int64', ...dims: (string | number)[]): OnnxValue => ({
    name,
    type,
    dims,
  });
  return encodeModel(
    b.finish([value('input', 'int64', 'lanes', 'steps')], [value('output', 'float', 'lanes', 'steps', 3)]),
    {},
  );
}
