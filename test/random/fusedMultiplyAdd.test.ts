import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fusedMultiplyAdd } from '../../src/random/fusedMultiplyAdd.js';

const view = new DataView(new ArrayBuffer(8));

function ofBits(bits: bigint): number {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

function bitsOf(value: number): bigint {
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

/** A number in units of 2 ** -2148, of which every product of two numbers is a whole number. */
function units(value: number): bigint {
  const bits = bitsOf(value);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const size = exponent === 0 ? fraction << 1n : (fraction | 0x10000000000000n) << BigInt(exponent);
  return (value < 0 ? -size : size) << BigInt(1074 - 1);
}

const INFINITE = 0x7ff0000000000000n;

/** Whether no number is nearer to the exact result than the given one, and of two equally near ones it is the even. */
function isNearest(given: number, exact: bigint): boolean {
  if (exact < 0n) return isNearest(-given, -exact);
  if (!(given >= 0)) return false;
  const place = bitsOf(given === 0 ? 0 : given); // the numbers from 0 up, in their order
  const at = (bits: bigint): bigint => (bits === INFINITE ? 1n << (1024n + 2148n) : units(ofBits(bits)));
  const error = exact > at(place) ? exact - at(place) : at(place) - exact;
  const even = place % 2n === 0n;
  const above = place === INFINITE ? undefined : at(place + 1n) - exact;
  const below = place === 0n ? undefined : exact - at(place - 1n);
  return [above, below].every((other) => other === undefined || error < other || (error === other && even));
}

function exactly(a: number, b: number, c: number): bigint {
  return ((units(a) * units(b)) >> 2148n) + units(c);
}

const any = fc.double({ noNaN: true, noDefaultInfinity: true });
const usual = fc.tuple(fc.maxSafeInteger(), fc.integer({ min: -120, max: 10 })).map(([n, e]) => n * 2 ** e);
/** As `uniform` calls it: 53 random bits, a width, and an end. */
const drawn = fc.tuple(fc.maxSafeNat(), fc.double({ min: 0.001, max: 10, noNaN: true }), fc.double({ min: -10, max: 10, noNaN: true })).map(([n, width, from]): Case => [n / 2 ** 53, width, from]); // prettier-ignore
/** The sum cancels almost all of the product, or all but its error. */
const cancelling = fc
  .tuple(fc.oneof(usual, any), fc.oneof(usual, any), fc.integer({ min: -3, max: 3 }))
  .filter(([a, b]) => Number.isFinite(a * b))
  .map(([a, b, ulps]): Case => {
    const bits = bitsOf(-a * b) + BigInt(ulps);
    const c = ofBits(BigInt.asUintN(64, bits));
    return [a, b, Number.isFinite(c) ? c : 0];
  });
/** The exact sum lies beside the middle of two numbers: one ulp and a half, and the error of a product decides. */
const halves = fc.tuple(usual, fc.integer({ min: -60, max: 60 }), fc.integer({ min: 1, max: 1 << 26 })).map(
  ([c, e, n]): Case => [(1 + n * 2 ** -52) * 2 ** e, (1 - n * 2 ** -52) * 2 ** -e * 2 ** Math.round(Math.log2(Math.abs(c) || 1) - 53), c], // prettier-ignore
);

type Case = [a: number, b: number, c: number];

for (const [name, cases, numRuns] of [
  ['drawn as uniform draws', drawn, 40_000],
  ['of the usual sizes', fc.tuple(usual, usual, usual), 20_000],
  ['that cancel', cancelling, 20_000],
  ['near the middle of two numbers', halves, 10_000],
  ['of any size', fc.tuple(any, any, any), 20_000],
] as const) {
  test(`${numRuns} random cases ${name} are rounded once`, () => {
    fc.assert(
      fc.property(cases as fc.Arbitrary<Case>, ([a, b, c]) => {
        const given = fusedMultiplyAdd(a, b, c);
        assert.ok(isNearest(given, exactly(a, b, c)), `${a} * ${b} + ${c}: ${given}`);
      }),
      { numRuns },
    );
  });
}

test('where rounding twice gives another number', () => {
  const [a, b, c] = [1 + 2 ** -30, 1 - 2 ** -30, -1];
  assert.is(a * b + c, 0);
  assert.is(fusedMultiplyAdd(a, b, c), -(2 ** -60));
});

test('at the ends of the range', () => {
  const [tiny, most] = [2 ** -1074, Number.MAX_VALUE];
  assert.is(fusedMultiplyAdd(most, 2, -most), most);
  assert.is(fusedMultiplyAdd(most, 2, most), Infinity);
  assert.is(fusedMultiplyAdd(tiny, 0.5, tiny), 2 * tiny); // a tie, to the even
  assert.is(fusedMultiplyAdd(tiny, 0.5, 2 * tiny), 2 * tiny);
  assert.is(fusedMultiplyAdd(tiny, 0.75, -tiny), -0);
  assert.is(fusedMultiplyAdd(2 ** -600, 2 ** -600, 1), 1);
  assert.is(fusedMultiplyAdd(0, 5, 3), 3);
});

test.run();
