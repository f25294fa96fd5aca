import alea from 'seedrandom/lib/alea.js'; // alone: all eight generators together take ten milliseconds to load
import { show } from '../check/show.js';
import { draws } from './draws.js';
import { numpyMethods } from './numpyMethods.js';
import type { Random } from './random.js';
import type { Words } from './words.js';

/**
 * Makes the library's default generator of random numbers, from a text or a finite number; equal texts give equal
 * streams (`seeded(1)` is `seeded('1')`).
 *
 * Its words are those of `alea` in seedrandom (Johannes Baagøe, Better random numbers for JavaScript, 2010): its state
 * is four numbers, so that a checkpoint stays readable, and it draws a word in a few nanoseconds. seedrandom's ARC4
 * keeps 258 numbers and takes about ten times as long; that it is hard to predict is not needed here.
 * A TypeError for a seed of another kind.
 *
 * ```ts
 * import { seeded } from 'rxrnn';
 *
 * const random = seeded('dinosaurs');
 * const state = random.state();
 * const [first] = [random.uniform(), random.restore(state)];
 * console.log(random.uniform() === first); // -> true
 * ```
 */
export function seeded(seed: string | number): Random {
  if (typeof seed !== 'string' && !Number.isFinite(seed)) {
    throw new TypeError(`seeded: seed must be a string or a finite number, got ${show(seed)}`);
  }
  let generator = alea(String(seed), { state: true });

  const words: Words = {
    generator: 'seeded',
    word() {
      return generator.int32() >>> 0;
    },
    save() {
      const { c, s0, s1, s2 } = generator.state();
      return [c, s0, s1, s2];
    },
    load(registers) {
      const [c, s0, s1, s2] = registers;
      if (registers.length !== 4 || !isCarry(c!) || ![s0!, s1!, s2!].every(isFraction)) return false;
      generator = alea('', { state: { c: c!, s0: s0!, s1: s1!, s2: s2! } });
      return true;
    },
  };
  return draws(words, numpyMethods);
}

/** A carry is the integer part of 2091639 times a fraction, or the initial 1. */
function isCarry(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 2091639;
}

/** Alea's registers are fractions of 32 bits. */
function isFraction(value: number): boolean {
  return value >= 0 && value < 1 && Number.isInteger(value * 4294967296);
}
