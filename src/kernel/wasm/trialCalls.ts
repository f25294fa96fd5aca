import { nodeModule } from '../nodeModule.js';
import type { Dtype, Numbers } from '../../types.js';
import { exactTables } from './exactTables.js';
import { type Compiled, instanceOf } from './instantiate.js';
import { definitions, type Kind, type Name } from './interface.js';
import { Unavailable } from './unavailable.js';
import { webAssembly } from './webAssembly.js';

/** The largest shapes of calls. */
export interface Most {
  readonly rows: number;
  /** Of a row's numbers; `rows` × `width` of a function without rows. */
  readonly width: number;
}

/** The functions that compute. */
export const triedNames: readonly Name[] = (Object.keys(definitions) as Name[]).filter(
  (name) => !['scratchBytes', 'useScratch', 'play'].includes(name),
);

/** Where arrays begin: beyond what the module keeps for itself. */
const START = 16_384;
const PAGE = 65_536;
/** Numbers that are looked at after the end of each array, where nothing may be written. */
const BEYOND = 16;
/** Rows of a table that tokens choose from, where no parameter counts them. */
const TOKENS = 20;
/** Random numbers that all arrays are filled from. */
const POOL = 8_192;

/**
 * Calls of a module's functions with random shapes and numbers, on a memory of their own.
 *
 * The function returned makes one call of the function `name`, which `seed` determines, and gives a hash of every array
 * of it afterwards and of the result. Two modules that give the same hashes compute the same bits. Numbers are finite
 * and never lead to NaN, whose bits engines may choose.
 */
export function trialCalls(dtype: Dtype, compiled: Compiled, most: Most): (name: Name, seed: number) => number {
  if (!webAssembly) throw new Unavailable('this platform has no WebAssembly');
  const { crc32 } = nodeModule('wideVectors', 'node:zlib') as { crc32(bytes: Uint8Array, before?: number): number };
  const size = dtype === 'float64' ? 8 : 4;
  const columns = roundUp(most.width + 10);
  const reach = columns * Math.max(columns, 4 * roundUp(most.rows + TOKENS)); // numbers of the largest array
  const span = roundUp(reach + 4 * BEYOND) * size;
  const arrays = Math.max(...triedNames.map((name) => Object.keys(definitions[name].parameters).length));
  const scratch = 8_192 + 256 * size * (2 * most.width + 256) + span;
  const pages = Math.ceil((START + arrays * span + scratch) / PAGE) + 1;
  const memory = new webAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  exactTables(memory);
  const { exports } = instanceOf(compiled, memory);
  exports.useScratch(START + arrays * span);
  const draw = draws(1);
  const drawn = Array.from({ length: POOL + reach + BEYOND }, () => draw(2_000_001) / 500_000 - 2);
  const real = (list: readonly number[]): Numbers => (size === 8 ? new Float64Array(list) : new Float32Array(list));
  const signed = real(drawn);
  const positive = real(drawn.map((x) => Math.abs(x) + 1));
  const extreme = real(drawn.map((x) => 60 * x)); // beyond where the exponential overflows

  return (name, seed) => {
    const { parameters } = definitions[name];
    const draw = draws(seed);
    const counts = countsOf(Object.keys(parameters), size, seed, draw, most);
    const need = needed(Object.values(parameters).includes('tokens') ? { ...counts, TOKENS } : counts);
    let at = START;
    const filled: number[] = [];
    const usual = /^(?:activate|setSoftplus|minLstmGates$)/.test(name) && draw(3) === 0 ? extreme : signed;

    /** An array of random numbers at a random place of its own, which need not be a multiple of a vector. */
    function array(parameter: string): number {
      const from = at + size * draw(16);
      const pool = ['squares', 'largest', 'rest'].includes(parameter) ? positive : usual;
      const first = draw(POOL);
      const length = need + BEYOND;
      const to =
        size === 8 ? new Float64Array(memory.buffer, from, length) : new Float32Array(memory.buffer, from, length);
      to.set(pool.subarray(first, first + length));
      at += span;
      filled.push(from);
      return from;
    }
    function tokens(): number {
      const from = at;
      const limit = (name === 'crossEntropy' ? counts['width'] : counts['inputs']) ?? TOKENS;
      const list = new Int32Array(memory.buffer, from, counts['rows']);
      for (let r = 0; r < list.length; r++) list[r] = draw(limit + 1) - 1;
      at += span;
      return from;
    }
    const reals: Record<string, number> = {};
    function argument(parameter: string, kind: Kind): number {
      if (kind === 'numbers') return array(parameter);
      if (kind === 'optional') return draw(2) === 0 ? 0 : array(parameter);
      if (kind === 'tokens') return tokens();
      if (kind === 'doubles') return array(parameter) & -8;
      if (kind === 'count' || kind === 'bytes') return counts[parameter]!;
      if (kind === 'flag') return draw(2);
      if (parameter === 'rest') return 1 - reals['alpha']!; // or a variance may be negative
      return (reals[parameter] = parameter.startsWith('least') ? 1e-20 : (1 + draw(99)) / 100);
    }
    const args = Object.entries(parameters).map(([parameter, kind]) => argument(parameter, kind));
    const result = Float64Array.of(exports[name](...args) ?? 0);
    const bytes = (need + BEYOND) * size;
    let hash = crc32(new Uint8Array(result.buffer));
    for (const from of filled) hash = crc32(new Uint8Array(memory.buffer, from, bytes).slice(), hash);
    return hash;
  };
}

/** The counts of a call: those that measure an array are drawn, the others follow. */
function countsOf(
  parameters: readonly string[],
  size: number,
  seed: number,
  draw: (below: number) => number,
  { rows, width }: Most,
): Readonly<Record<string, number>> {
  /** Any, but every other time nearly the largest, which takes the largest tiles. */
  const side = (): number => (draw(2) === 0 ? 1 + draw(width) : width - draw(width >> 3));
  const counts: Record<string, number> = {
    rows: draw(4) === 0 ? 1 : 1 + (Math.abs(seed) % rows), // every number in turn, one more often: tiles are made for each
    length: 1 + draw(rows * width),
    ...Object.fromEntries(['inputs', 'outputs', 'width', 'columns', 'hidden'].map((name) => [name, side()])),
    ...Object.fromEntries(['yColumn', 'xColumn'].map((name) => [name, draw(5)])),
  };
  const panel = 32 / size;
  const columns = parameters.includes('columns') ? counts['columns']! : counts['outputs']!;
  for (const name of ['yWidth', 'xWidth', 'dyWidth', 'dwWidth']) counts[name] = columns + 5 + draw(5);
  counts['first'] = 0;
  counts['count'] = Math.ceil(counts['outputs']! / panel);
  counts['some'] = Math.ceil(counts['width']! / panel);
  counts['stride'] = counts['width']! * size;
  return Object.fromEntries(Object.entries(counts).filter(([name]) => parameters.includes(name)));
}

/** Numbers that the largest array of a call has, or some more. */
function needed(counts: Readonly<Record<string, number>>): number {
  if (counts['length'] !== undefined) return counts['length'];
  const sides = Object.entries(counts).map(([name, count]) => (name === 'stride' ? 1 : roundUp(count)));
  const [first = 1, second = 1] = sides.toSorted((a, b) => b - a);
  return ('hidden' in counts ? 4 : 1) * first * second;
}

function roundUp(count: number): number {
  return Math.ceil(count / 8) * 8;
}

/** A generator of whole numbers from 0 to below its argument: Marsaglia's xorshift. */
function draws(seed: number): (below: number) => number {
  let state = Math.imul(seed + 1, 0x9e3779b9) | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
