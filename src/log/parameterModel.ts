import { exp } from '../kernel/math/exp.js';
import { log } from '../kernel/math/log.js';
import { countTable, type CountTable } from './countTable.js';
import type { ParameterKind } from './maskToken.js';

/** Predicts parameters by counts of the values that each slot had. */
export interface ParameterModel {
  /** Bits of a value in a slot; then counts it. */
  score(slot: number, value: string, kind: ParameterKind): number;
  /** Whether a part of the last value never came in its slot before. */
  readonly isNew: boolean;
  /** Bits of the fact that it is new: few where most values are; 0 where it is not. */
  readonly novelty: number;
  readonly state: CountTable['state'];
}

const LENGTH_BITS = 3;
const MOST_BITS = 500; // that a probability can hold
/** Bits per character of a value that is new in its slot. */
const ALPHABET: Readonly<Record<ParameterKind, number>> = {
  number: log(10) / Math.LN2,
  time: log(10) / Math.LN2,
  address: log(11) / Math.LN2,
  hex: 4,
  uuid: 4,
  path: 5,
  word: 5,
};

/**
 * Makes a model of parameters: a value is taken apart at punctuation, such as an address and its port, and each part has a
 * slot of its own, with Witten and Bell’s estimate over the values it had; the characters of a new one are as if all of its
 * kind were equally likely.
 */
export function parameterModel(): ParameterModel {
  const table = countTable({ contextBits: 16, pairBits: 18 });
  let isNew = false;
  let least = 1;

  function part(slot: number, hash: number, length: number, alphabet: number): number {
    const bits = alphabet * length + LENGTH_BITS;
    const share = table.learn(slot, hash, exp(-Math.min(bits, MOST_BITS) * Math.LN2));
    isNew ||= table.isNew;
    least = Math.min(least, table.novelty);
    return -log(share) / Math.LN2 + (table.isNew ? Math.max(0, bits - MOST_BITS) : 0);
  }
  return {
    score(slot, value, kind) {
      isNew = false;
      least = 1;
      let bits = 0;
      let start = 0;
      let hash = 0x811c9dc5;
      for (let i = 0; i <= value.length; i++) {
        const code = i < value.length ? value.charCodeAt(i) : 0;
        if (isPart(code)) {
          hash = Math.imul(hash ^ code, 0x01000193);
          continue;
        }
        if (i > start) {
          bits += part(slot, hash, i - start, ALPHABET[kind]);
          slot = Math.imul(slot ^ (slot >>> 15), 0x2c1b3c6d) + 1;
        }
        start = i + 1;
        hash = 0x811c9dc5;
      }
      return bits;
    },
    get isNew() {
      return isNew;
    },
    get novelty() {
      return -log(least) / Math.LN2;
    },
    state: table.state,
  };
}

/** Letters, digits and `- . @ _`. */
function isPart(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 64 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 45 ||
    code === 46 ||
    code === 95 ||
    code >= 192
  );
}
