import * as fc from 'fast-check';
import type { Marble, Recording, Track } from '../../src/record/recording.js';

/** Numbers with the odd ones often among them. */
const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(-0, NaN, Infinity, -Infinity, 5e-324, 2 ** 53));

/** Values that can be recorded, nested ones too. */
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    number,
    fc.string({ unit: 'binary' }),
    fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme' }),
    fc.constantFrom(null, undefined, true, false, '', 'a', '\u0301', '%', '#', '|', ':', '\ud800', '漢', '__proto__'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.string({ maxLength: 3 }), tie('value'), { maxKeys: 3, noNullPrototype: true }),
    fc
      .array(fc.tuple(fc.oneof(fc.string({ maxLength: 3 }), number), tie('value')), { maxLength: 3 })
      .map((pairs) => new Map(pairs)),
    fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { maxLength: 4 }).map((list) => Int32Array.from(list)),
    fc.array(number, { maxLength: 4 }).map((list) => Float64Array.from(list)),
    fc.array(number, { maxLength: 4 }).map((list) => Float32Array.from(list)),
    fc.array(fc.nat(255), { maxLength: 4 }).map((list) => Uint8Array.from(list)),
  ),
})).value;

const end: fc.Arbitrary<Marble | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.constant({ step: 0, kind: 'C' } as const),
  fc
    .record({ name: fc.string(), message: fc.string() }, { noNullPrototype: true })
    .map((error) => ({ step: 0, kind: 'E', error }) as const),
);

/** Marbles at rising steps, several at one step often, and an end or none. */
const marbles: fc.Arbitrary<Marble[]> = fc
  .tuple(fc.array(fc.tuple(fc.constantFrom(0, 0, 1, 1, 2, 9, 1000), value), { maxLength: 12 }), end, fc.nat(3))
  .map(([values, end, wait]) => {
    let step = 0;
    const list = values.map(([pause, value]): Marble => ({ step: (step += pause), kind: 'N', value }));
    return end === undefined ? list : [...list, { ...end, step: step + wait }];
  });

const title = fc.constantFrom('tokens', 'losses', 'tokens (2)', 'a = b', '標', '% odd', 'end');

const tracks: fc.Arbitrary<Track[]> = fc.uniqueArray(fc.record({ title, marbles }, { noNullPrototype: true }), {
  maxLength: 4,
  selector: ({ title }) => title,
});

/** Whole recordings, short enough to be drawn. */
export const recording: fc.Arbitrary<Recording> = fc.record({ about: value, tracks }, { noNullPrototype: true });
