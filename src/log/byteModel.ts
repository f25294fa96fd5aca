import { log } from '../kernel/math/log.js';
import { contextMixer, type ContextMixer } from './contextMixer.js';

/** A model of bytes that learns each one after predicting it. */
export interface ByteModel {
  /** The probability that the next bit of the next byte is 1; the highest bit comes first. */
  predict(): number;
  /** Learns the bit that came. */
  learn(bit: number): void;
  /** Predicts and learns a byte; its bits of surprisal. */
  score(byte: number): number;
  /** Sets a context beside the bytes before: what kind of text this is. */
  within(context: number): void;
  readonly state: ContextMixer['state'];
}

const CONTEXTS = 10;
const MATCH_LEAST = 5; // bytes in common before a match is looked for
const MOST_MATCH = 31;
const MOST_TOKENS = 255; // that have weights of their own
const NEWLINE = 10;

// Places in the array of what it knows beside the tables.
const END = 0; // bytes so far, modulo the buffer
const NODE = 1; // the bits of this byte so far, after a leading 1
const MATCH = 2; // where the match continues, or −1
const LENGTH = 3; // of the match
const O4 = 4; // the last 4 bytes
const O8 = 5; // the 4 before
const WORD = 6; // hash of the letters and digits so far of this token
const WORD_BEFORE = 7;
const SHAPE = 8; // hash of the line so far, digits and letters apart
const TOKEN = 9; // tokens so far in this line
const LINE_START = 10; // where this line begins
const ABOVE = 11; // where the line before begins
const WITHIN = 12;
const TOKEN_HASH = 13; // hash of this token so far
const ABOVE_AT = 14; // place in the line above, token by token
const FIELDS = 16;

/**
 * Makes a model of bytes for logs: contexts of the last 1 to 6 bytes, of words, of the shape of the line so far and of the
 * line above at the same token, and the longest match, all mixed by a `contextMixer`.
 */
export function byteModel({ tableBits, bufferBits }: { tableBits: number; bufferBits: number }): ByteModel {
  const mixer = contextMixer({
    contexts: CONTEXTS,
    extra: 2,
    sets: [256 + MOST_MATCH + 1, MOST_TOKENS + 1],
    tableBits,
  });
  const buffer = new Uint8Array(1 << bufferBits);
  const inside = buffer.length - 1;
  const matches = new Int32Array(1 << Math.min(bufferBits, 18)).fill(-1);
  const matchMask = matches.length - 1;
  const at = new Int32Array(FIELDS);
  at[NODE] = 1;
  at[MATCH] = -1;
  const { contexts, extra, chosen } = mixer;
  renew();

  /** Writes the contexts of the next byte. */
  function renew(): void {
    const o4 = at[O4]!;
    const within = at[WITHIN]!;
    const above = buffer[at[ABOVE_AT]! & inside]!;
    contexts[0] = hash(1, o4 & 0xff, within);
    contexts[1] = hash(2, o4 & 0xffff, 0);
    contexts[2] = hash(3, o4 & 0xffffff, 0);
    contexts[3] = hash(4, o4, 0);
    contexts[4] = hash(5, o4, at[O8]! & 0xffff);
    contexts[5] = hash(6, at[TOKEN_HASH]!, at[WORD_BEFORE]!);
    contexts[6] = hash(7, at[SHAPE]!, at[TOKEN_HASH]!);
    contexts[7] = hash(8, at[TOKEN]!, at[TOKEN_HASH]!);
    contexts[8] = hash(9, above | (buffer[(at[ABOVE_AT]! + 1) & inside]! << 8), at[TOKEN]! ^ ((o4 & 0xff) << 8));
    contexts[9] = hash(10, at[WORD]!, at[SHAPE]!);
  }
  /** The bit that the match expects, weighted by its length; whether it still agrees with the byte so far. */
  function expected(): number {
    const place = at[MATCH]!;
    if (place < 0) return -1;
    const byte = buffer[place & inside]! | 256;
    const node = at[NODE]!;
    const bits = 31 - Math.clz32(node);
    if (byte >> (8 - bits) !== node) return -1;
    return (byte >> (7 - bits)) & 1;
  }
  function predict(): number {
    const bit = expected();
    const length = Math.min(at[LENGTH]!, MOST_MATCH);
    const sign = bit < 0 ? 0 : bit === 1 ? 1 : -1;
    extra[0] = sign * Math.min(length, 16) * 0.25;
    extra[1] = sign;
    chosen[0] = bit < 0 ? at[NODE]! : 256 + length;
    chosen[1] = Math.min(at[TOKEN]!, MOST_TOKENS);
    return mixer.predict(at[NODE]!);
  }
  function learn(bit: number): void {
    mixer.learn(bit);
    const node = at[NODE]! * 2 + bit;
    if (node < 256) at[NODE] = node;
    else add(node & 255);
  }
  function add(byte: number): void {
    const end = at[END]!;
    buffer[end & inside] = byte;
    at[END] = (end + 1) & inside;
    at[NODE] = 1;
    if (at[MATCH]! >= 0 && buffer[at[MATCH]! & inside] === byte) {
      at[MATCH] = (at[MATCH]! + 1) & inside;
      at[LENGTH] = Math.min(at[LENGTH]! + 1, 65535);
    } else {
      at[MATCH] = -1;
      at[LENGTH] = 0;
    }
    at[O8] = (at[O8]! << 8) | (at[O4]! >>> 24);
    at[O4] = (at[O4]! << 8) | byte;
    const letter = (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90) || byte >= 128;
    const digit = byte >= 48 && byte <= 57;
    if (letter || digit) at[WORD] = Math.imul(at[WORD]! + byte + 1, 0x2f0b4c47);
    else at[WORD] = 0;
    if (letter || digit || byte === 95) at[TOKEN_HASH] = Math.imul(at[TOKEN_HASH]! + byte + 1, 0x3d4d51cb);
    else {
      if (at[TOKEN_HASH] !== 0) at[WORD_BEFORE] = at[TOKEN_HASH]!;
      at[TOKEN_HASH] = 0;
      at[SHAPE] = Math.imul(at[SHAPE]! + byte + 1, 0x1b873593) ^ (at[WORD_BEFORE]! & (digit ? 0 : 0xff));
      at[TOKEN] = at[TOKEN]! + 1;
      // The same place in the line above: after as many separators.
      seek(byte);
    }
    if (letter || digit || byte === 95) at[ABOVE_AT] = (at[ABOVE_AT]! + 1) & inside;
    if (byte === NEWLINE) {
      at[ABOVE] = at[LINE_START]!;
      at[LINE_START] = at[END]!;
      at[ABOVE_AT] = at[ABOVE]!;
      at[SHAPE] = at[TOKEN] = at[WORD_BEFORE] = 0;
    }
    const key = (Math.imul(at[O4], 0x2c1b3c6d) ^ Math.imul(at[O8] & 0xff, 0x297a2d39)) >>> 8;
    const slot = (key ^ (key >>> 9)) & matchMask;
    if (at[MATCH] < 0) {
      const candidate = matches[slot]!;
      if (candidate >= 0) {
        let length = 0;
        while (
          length < MOST_MATCH &&
          buffer[(candidate - 1 - length) & inside] === buffer[(at[END] - 1 - length) & inside]
        )
          length++;
        if (length >= MATCH_LEAST) {
          at[MATCH] = candidate;
          at[LENGTH] = length;
        }
      }
    }
    matches[slot] = at[END]!;
    renew();
  }
  /** Moves the place in the line above past its next separator. */
  function seek(byte: number): void {
    let place = at[ABOVE_AT]!;
    for (let i = 0; i < 64; i++) {
      const one = buffer[place & inside]!;
      if (one === NEWLINE) break;
      place = (place + 1) & inside;
      if (one === byte) break;
    }
    at[ABOVE_AT] = place;
  }

  return {
    predict,
    learn,
    score(byte) {
      let probability = 1;
      for (let i = 7; i >= 0; i--) {
        const bit = (byte >> i) & 1;
        const p = predict();
        probability *= bit === 1 ? p : 1 - p;
        learn(bit);
      }
      return -log(probability) / Math.LN2;
    },
    within(context) {
      at[WITHIN] = context;
      renew();
    },
    state: { ...mixer.state, buffer, matches, at },
  };
}

function hash(kind: number, a: number, b: number): number {
  let h = Math.imul(a ^ Math.imul(kind, 0x9e3779b1 | 0), 0x85ebca6b) ^ Math.imul(b + kind, 0xc2b2ae35 | 0);
  h ^= h >>> 16;
  h = Math.imul(h, 0x27d4eb2f);
  return h ^ (h >>> 15);
}
