// Writes halfTiles.ts: the products of one row, as in tiles.mjs, with weights in bfloat16.
//
// A panel's row of eight numbers is one vector: number i is in the lower and number 4 + i in the upper half of its 32-bit
// lane i. bfloat16 is the upper half of a float32, so that a shift and a mask widen all eight. (float16 takes three times
// as many operations, and was slower than float32 where weights fit a cache.)

/** Vectors of the sums, over as many panels as they take. */
const VECTORS = [7, 6, 5, 4, 3, 2, 1];

/** Values of k in a loop's body, with a way out after each; see tiles.mjs. */
const UNROLLED = 8;

export function halfTiles() {
  return [
    '// Made by halfTiles.mjs, which explains it.',
    "import { loadPart, mac, storePart } from './memory';",
    ...VECTORS.map(tile),
  ].join('\n');
}

/** Of float32; `bs` is the bytes from panel to panel; the last vector has `count` numbers. */
function tile(vectors) {
  const across = span(vectors);
  const part = vectors - 1;
  const blocks = span(Math.ceil(vectors / 2));
  return lines(
    `export function half${vectors}(k: i32, A: usize, B: usize, bs: usize, C: usize, count: i32): void {`,
    'let a = A;',
    blocks.map((p) => `let b${p} = ${p === 0 ? 'B' : `b${p - 1} + bs`};`),
    across.map((v) => `let s${v} = ${v === part ? `loadPart(C + ${16 * v}, count)` : `v128.load(C, ${16 * v})`};`),
    'for (;;) {',
    span(UNROLLED).flatMap((k) => [
      `const x${k} = v128.load_splat<Real>(a, ${k} * sizeof<Real>());`,
      blocks.map((p) => `const w${k}${p} = v128.load(b${p}, ${16 * k});`),
      across.map((v) => `s${v} = mac(s${v}, x${k}, ${widened(`w${k}${v >> 1}`, v & 1)});`),
      `if (k == ${k + 1}) break;`,
    ]),
    `k -= ${UNROLLED};`,
    `a += ${UNROLLED} * sizeof<Real>();`,
    blocks.map((p) => `b${p} += ${16 * UNROLLED};`),
    '}',
    across.map((v) => (v === part ? `storePart(C + ${16 * v}, s${v}, count);` : `v128.store(C, s${v}, ${16 * v});`)),
    '}',
  );
}

const widened = (w, upper) => (upper ? `v128.and(${w}, i32x4.splat(0xffff0000))` : `i32x4.shl(${w}, 16)`);
const span = (count) => Array.from({ length: count }, (_, i) => i);
const lines = (...parts) => parts.flat(Infinity).join('\n');
