import type { Words } from './words.js';

const SIZE = 624;
const SHIFT = 397;

/**
 * Makes the stream of words of MT19937, seeded with one word by `init_genrand`; `generator` is its name in states.
 *
 * Matsumoto and Nishimura, Mersenne Twister, ACM TOMACS 8, 1998, and their mt19937ar of 2002. NumPy's legacy generator
 * and torch's share these words.
 */
export function mt19937(generator: string, seed: number): Words {
  const registers = new Int32Array(SIZE);
  let position = SIZE;
  let register = seed | 0;
  registers[0] = register;
  for (let i = 1; i < SIZE; i++) {
    register = (Math.imul(1812433253, register ^ (register >>> 30)) + i) | 0;
    registers[i] = register;
  }

  return {
    generator,
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
      // Only the top bit of the first register counts; a generator whose bits are all 0 returns zeros forever.
      if (saved[0]! < 2147483648 && saved.slice(1, SIZE).every((register) => register === 0)) return false;
      registers.set(saved.slice(0, SIZE));
      position = next!;
      return true;
    },
  };
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
