import type { Methods } from './draws.js';
import { log } from './log.js';
import type { Words } from './words.js';

const TO_26 = 67108864;
const TO_32 = 4294967296;
const TO_53 = 9007199254740992;

/**
 * The methods of NumPy's legacy `RandomState`.
 *
 * A number takes two words; a bounded integer masks a word (two above 2^32, the high one first) and rejects; normal
 * deviates come in pairs by Marsaglia's polar method (SIAM Review 6, 1964), the second of a pair first; a shuffle runs
 * from the last place down (Durstenfeld, Algorithm 235, CACM 7, 1964).
 */
export const numpyMethods: Methods = {
  unit,

  uniform(words, low, high) {
    const value = low + (high - low) * unit(words);
    // In a range that is narrow relative to its ends the sum may round up to `high`, which is not in the range.
    return value < high ? value : low;
  },

  normals(words) {
    let x = 0;
    let y = 0;
    let square = 0;
    do {
      x = 2 * unit(words) - 1;
      y = 2 * unit(words) - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const factor = Math.sqrt((-2 * log(square)) / square);
    return [factor * y, factor * x];
  },

  integer(words, n) {
    return upTo(words, n - 1);
  },

  shuffle(words, array) {
    for (let i = array.length - 1; i > 0; i--) {
      const j = upTo(words, i);
      const value = array[i]!;
      array[i] = array[j]!;
      array[j] = value;
    }
    return array;
  },
};

/** A number in [0, 1) of 53 bits. */
function unit(words: Words): number {
  const high = words.word() >>> 5;
  const low = words.word() >>> 6;
  return (high * TO_26 + low) / TO_53;
}

/** An integer in 0 … last. */
function upTo(words: Words, last: number): number {
  if (last === 0) return 0;
  if (last < TO_32) {
    const mask = ones(last);
    for (;;) {
      const value = (words.word() & mask) >>> 0;
      if (value <= last) return value;
    }
  }
  const mask = ones(Math.floor(last / TO_32));
  for (;;) {
    const high = (words.word() & mask) >>> 0;
    const value = high * TO_32 + words.word();
    if (value <= last) return value;
  }
}

/** A mask of all bits up to the highest bit of a word that is not 0. */
function ones(word: number): number {
  return -1 >>> Math.clz32(word);
}
