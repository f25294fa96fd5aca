// Writes tiles.ts, the innermost loops of the products: a few rows by a few columns, every sum in a register, over k in
// ascending order. They are one pattern in several sizes, too long and too similar to be written by hand.
//
// A loop's body holds several k, with a way out after each: a check and a jump in a loop's head are paid once for all of
// them. The ways out also split the body into blocks of one k each. Without them V8 before version 13 lifts all loads
// above the arithmetic and then spills the sums to the stack; sums and loads of one k stay within 15 vector registers.

/** Rows of the sums C[rows][panel] += A[rows][k] · B[k][panel], a panel's row being two vectors. */
const ROWS = [4, 3, 2];

/** The same over two panels side by side: four vectors, which are two of 256 bits. Without them the sums spill. */
const WIDE_ROWS = [5, 4, 3, 2];

/** Vectors of the sums of one row, over as many panels as they take. */
const VECTORS = [7, 6, 5, 4, 3, 2, 1];

/** As above for w row-major: y[vectors] += Σ_k x[k] · w[k][vectors]. */
const FLAT_VECTORS = [7, 6, 4, 1];

/** Both with whole vectors only, as many as vectors of 256 bits hold: their stores make pairs. */
const WIDE_VECTORS = [12, 8, 4];

/** Values of k in a loop's body; a wide tile has as much work in half as many. */
const UNROLLED = 8;
const WIDE_UNROLLED = 4;

export function tiles() {
  return [
    '// Made by tiles.mjs, which explains it.',
    "import { loadPart, mac, ROW, storePart } from './memory';",
    ...ROWS.map((rows) => tile(`rows${rows}`, rows, 2)),
    ...WIDE_ROWS.map((rows) => tile(`wideRows${rows}`, rows, 4, undefined, WIDE_UNROLLED)),
    ...VECTORS.map((vectors) => tile(`row${vectors}`, 1, vectors, vectors - 1)),
    ...WIDE_VECTORS.map((vectors) => tile(`wideRow${vectors}`, 1, vectors, undefined, WIDE_UNROLLED)),
    ...FLAT_VECTORS.map((vectors) => flat(`flat${vectors}`, vectors, vectors - 1)),
    ...WIDE_VECTORS.map((vectors) => flat(`wideFlat${vectors}`, vectors)),
  ].join('\n');
}

/**
 * `as`, `bs` and `cs` are the bytes from row to row of A, from panel to panel of B, from row to row of C: those that the
 * tile has several of. The vector number `part`, if any, has `count` numbers.
 */
function tile(name, rows, vectors, part, unrolled = UNROLLED) {
  const across = span(vectors);
  const down = span(rows);
  const blocks = span(Math.ceil(vectors / 2));
  const parameters = [
    `A: usize, ${rows > 1 ? 'as: usize, ' : ''}B: usize, ${rows === 1 || vectors > 2 ? 'bs: usize, ' : ''}C: usize`,
    ...(rows > 1 ? ['cs: usize'] : []),
    ...(part === undefined ? [] : ['count: i32']),
  ].join(', ');
  return lines(
    `export function ${name}(k: i32, ${parameters}): void {`,
    down.map(
      (r) => `let a${r} = ${r === 0 ? 'A' : `a${r - 1} + as`}; const c${r} = ${r === 0 ? 'C' : `c${r - 1} + cs`};`,
    ),
    blocks.map((p) => `let b${p} = ${p === 0 ? 'B' : `b${p - 1} + bs`};`),
    down.flatMap((r) => across.map((v) => `let s${r}${v} = ${loaded(`c${r}`, v, part)};`)),
    'for (;;) {',
    span(unrolled).flatMap((k) => [
      across.map((v) => `const w${k}${v} = v128.load(b${v >> 1}, ${32 * k + 16 * (v & 1)});`),
      down.flatMap((r) => [
        `const x${k}${r} = v128.load_splat<Real>(a${r}, ${k} * sizeof<Real>());`,
        across.map((v) => `s${r}${v} = mac(s${r}${v}, x${k}${r}, w${k}${v});`),
      ]),
      `if (k == ${k + 1}) break;`,
    ]),
    `k -= ${unrolled};`,
    down.map((r) => `a${r} += ${unrolled} * sizeof<Real>();`),
    blocks.map((p) => `b${p} += ${unrolled} * ROW;`),
    '}',
    down.flatMap((r) => across.map((v) => `${stored(`c${r}`, v, `s${r}${v}`, part)};`)),
    '}',
  );
}

/** w is row-major, `ws` bytes from row to row; the vector number `part`, if any, has `count` numbers. */
function flat(name, vectors, part) {
  const across = span(vectors);
  const count = part === undefined ? '' : ', count: i32';
  return lines(
    `export function ${name}(k: i32, x: usize, w: usize, ws: usize, y: usize${count}): void {`,
    across.map((v) => `let s${v} = ${loaded('y', v, part)};`),
    'for (; k > 0; k--) {',
    'const a = v128.load_splat<Real>(x);',
    across.map((v) => `s${v} = mac(s${v}, a, v128.load(w, ${16 * v}));`),
    'x += sizeof<Real>();',
    'w += ws;',
    '}',
    across.map((v) => `${stored('y', v, `s${v}`, part)};`),
    '}',
  );
}

const span = (count) => Array.from({ length: count }, (_, i) => i);
const lines = (...parts) => parts.flat(Infinity).join('\n');
const loaded = (at, v, part) => (v === part ? `loadPart(${at} + ${16 * v}, count)` : `v128.load(${at}, ${16 * v})`);
const stored = (at, v, sum, part) =>
  v === part ? `storePart(${at} + ${16 * v}, ${sum}, count)` : `v128.store(${at}, ${sum}, ${16 * v})`;
