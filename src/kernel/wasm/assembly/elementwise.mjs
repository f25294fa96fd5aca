// Writes elementwise.ts: the functions that work number by number, each as a loop over pairs of vectors and a loop over
// what is left. They are one pattern with many formulas, and only the formulas are written by hand, in formulas.mjs.
//
// The two vectors of a pair lie side by side and are loaded, computed and stored together, so that V8 can make one vector
// of 256 bits of them (../wideVectors.ts). It finds them by their stores, the upper half's first, in code without branches.
import { formulas } from './formulas.mjs';
import { typeOf } from './signatures.mjs';

export function elementwise(table) {
  return [
    '// Made by elementwise.mjs, which explains it.',
    "import { allZero, anyBelow, exp, oneMinusExp, raiseLow, sigmoid, sigmoids, softplus, tanh } from './functions';",
    "import { add, bytes, LANES, loadPart, mul, splat, storePart, sub } from './memory';",
    ...Object.entries(formulas).map(([name, formula]) => {
      if (!Object.hasOwn(table, name)) throw new Error(`interface.ts has no row for ${name}, which is in formulas.mjs`);
      return functionOf(name, table[name].parameters, formula);
    }),
  ].join('\n');
}

/**
 * The function `name`. `first` is AssemblyScript before all else, such as a shorter way that returns; `rows` says that the
 * arrays have rows of `length` numbers, and what is done before and after each; `constants` are arguments in all lanes;
 * `cases` are the conditions, tried in order, on which `lines` depend, `if` being AssemblyScript.
 */
function functionOf(name, parameters, { first, constants = {}, rows, length = 'length', cases = [{}], ...formula }) {
  const list = Object.entries(parameters).map(([parameter, kind]) => `${parameter}: ${typeOf(kind)}`);
  const bodies = cases.map(({ if: condition, ...known }, i) =>
    block(`${i > 0 ? 'else ' : ''}${condition ? `if (${condition}) ` : ''}`, loops(parameters, length, known, formula)),
  );
  return block(`export function ${name}(${list.join(', ')}): void `, [
    first,
    ...Object.entries(constants).map(([constant, value]) => `const ${constant} = splat(${value});`),
    ...(rows ? [block('for (let r = 0; r < rows; r++) ', [rows.before, ...bodies, rows.after])] : bodies),
  ]);
}

/**
 * The loops of one case: over pairs of vectors, then over vectors, of which the last may be a part of one. `single`
 * formulas have pairs in float32 only, `brief` ones, whose code is long and whose share of the time is small, none.
 * `arrays` are the names in `lines` with where each array begins, as AssemblyScript of the parameters, such as
 * `sums + width`; by default each pointer is an array of its own name.
 */
function loops(parameters, length, known, { arrays, lines, single = false, brief = false }) {
  const places = arrays ?? Object.fromEntries(pointers(parameters).map((name) => [name, name]));
  const steps = lines(known).map((line) => /^(\w+) (<-|=) (.*)$/s.exec(line).slice(1));
  const reads = Object.keys(places).filter((array) => steps.some(([, , value]) => names(value).includes(array)));
  const writes = steps.flatMap(([name, sign]) => (sign === '<-' ? [name] : []));
  const used = pointers(parameters).filter((pointer) =>
    [...reads, ...writes].some((array) => names(places[array]).includes(pointer)),
  );
  const locals = new Set(steps.flatMap(([name, sign]) => (sign === '=' ? [name] : [])));
  const addresses = [...new Set([...reads, ...writes])].map((array) => `const ${array}At: usize = ${places[array]};`);

  /** The lines of one half of a pair. */
  const half = (h) =>
    steps.map(([name, sign, value]) => {
      const own = value.replaceAll(/\w+/g, (word) => (reads.includes(word) || locals.has(word) ? word + h : word));
      return sign === '=' ? `const ${name}${h} = ${own};` : `const ${name}Next${h} = ${own};`;
    });
  const pairs = block('for (; left >= 2 * LANES; left -= 2 * LANES) ', [
    ...addresses,
    ...reads.flatMap((array) => [0, 1].map((h) => `const ${array}${h} = v128.load(${array}At, ${16 * h});`)),
    ...half(0),
    ...half(1),
    ...writes.flatMap((array) => [1, 0].map((h) => `v128.store(${array}At, ${array}Next${h}, ${16 * h});`)),
    ...used.map((pointer) => `${pointer} += 32;`),
  ]);
  const rest = block('for (; left > 0; left -= LANES) ', [
    'const count = min(left, LANES);',
    ...addresses,
    ...reads.map((array) => `const ${array}0 = loadPart(${array}At, count);`),
    ...half(0),
    ...writes.map((array) => `storePart(${array}At, ${array}Next0, count);`),
    ...used.map((pointer) => `${pointer} += bytes(count);`),
  ]);
  if (brief) return [`let left = ${length};`, rest];
  return [`let left = ${length};`, single ? `if (sizeof<Real>() == 4) ${pairs}` : pairs, rest];
}

const pointers = (parameters) =>
  Object.entries(parameters).flatMap(([name, kind]) => (kind === 'numbers' || kind === 'optional' ? [name] : []));
const names = (value) => value.match(/\b[a-z]\w*\b/gi) ?? [];
const block = (head, lines) => [`${head}{`, ...lines.filter((line) => line !== undefined), '}'].join('\n');
