import { draws, type Words } from './draws.js';
import type { Random } from './random.js';

/** NumPy's generator: a `Random` that also gives its raw words. */
export interface NumpyRandom extends Random {
  /** Gives the next 32 random bits as a number in 0 … 2^32 - 1: NumPy's `randint(0, 2**32, dtype=uint32)`. */
  word(): number;
}

const SIZE = 624;
const SHIFT = 397;

/**
 * Gives NumPy's legacy generator, `numpy.random.RandomState(seed)`, draw for draw: `uniform` is its `random_sample`
 * and `uniform`, `normal` its `randn` and `normal`, `integer` its `randint`, `choice(p)` its `choice(len(p), p=p)`;
 * `shuffle` and `permutation` have their names.
 *
 * To seed again, make another: it takes some microseconds. RangeError unless the seed is a whole number from 0 to
 * 2^32 - 1, as in NumPy. The words are MT19937's, seeded by `init_genrand` (Matsumoto and Nishimura, Mersenne Twister,
 * ACM TOMACS 8, 1998, and their mt19937ar of 2002).
 */
export function numpyRandom(seed: number): NumpyRandom {
  if (!(Number.isInteger(seed) && seed >= 0 && seed < 4294967296)) {
    throw new RangeError(`numpyRandom: seed must be a whole number from 0 to 2^32 - 1, got ${String(seed)}`);
  }
  const registers = new Int32Array(SIZE);
  let position = SIZE;
  let register = seed | 0;
  registers[0] = register;
  for (let i = 1; i < SIZE; i++) {
    register = (Math.imul(1812433253, register ^ (register >>> 30)) + i) | 0;
    registers[i] = register;
  }

  const words: Words = {
    generator: 'numpy',
    word() {
      if (position === SIZE) {
        twist(registers);
        position = 0;
      }
      let bits = registers[position++]!;
      bits ^= bits >>> 11;
      bits ^= (bits << 7) & 0x9d2c5680;
      bits ^= (bits << 15) & 0xefc60000;
      return (bits ^ (bits >>> 18)) >>> 0;
    },
    save() {
      return [...Uint32Array.from(registers), position];
    },
    load(saved) {
      const next = saved[SIZE];
      if (saved.length !== SIZE + 1 || !saved.every(isWord) || next! > SIZE) return false;
      // Of the first register only the top bit counts; a generator without a bit gives zeros for ever.
      if (saved[0]! < 2147483648 && saved.slice(1, SIZE).every((register) => register === 0)) return false;
      registers.set(saved.slice(0, SIZE));
      position = next!;
      return true;
    },
  };
  return Object.assign(draws(words), { word: () => words.word() });
}

/** The next 624 registers, in place. */
function twist(registers: Int32Array): void {
  for (let i = 0; i < SIZE; i++) {
    const next = registers[i + 1 < SIZE ? i + 1 : 0]!;
    const joined = (registers[i]! & 0x80000000) | (next & 0x7fffffff);
    const far = registers[i + SHIFT < SIZE ? i + SHIFT : i + SHIFT - SIZE]!;
    registers[i] = far ^ (joined >>> 1) ^ (-(joined & 1) & 0x9908b0df);
  }
}

function isWord(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 4294967296;
}
