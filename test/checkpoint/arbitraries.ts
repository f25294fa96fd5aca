import * as fc from 'fast-check';
import type { Numbers, Tensor } from '../../src/types.js';

const numbers = fc.oneof(
  fc.float64Array({ maxLength: 12 }).map((data): Numbers => data),
  fc.float32Array({ maxLength: 12 }).map((data): Numbers => data),
);
const name = fc.string({ unit: 'binary', minLength: 1 }).filter((name) => name !== '__metadata__');

/** Any tensors under any names: shapes, dtypes, NaN, infinities and −0. */
export const anyTensors: fc.Arbitrary<Map<string, Tensor>> = fc
  .array(fc.tuple(name, numbers, fc.nat(2)))
  .map(
    (list) =>
      new Map(
        list.map(([name, data, ones]): [string, Tensor] => [
          name,
          { shape: [...Array.from({ length: ones }, () => 1), data.length], data },
        ]),
      ),
  );

/** Any metadata. */
export const anyTexts: fc.Arbitrary<Record<string, string>> = fc.dictionary(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'binary' }),
);
