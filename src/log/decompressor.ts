import { positiveInteger } from '../check/positiveInteger.js';
import { codedModel, MAGIC, WORD } from './codedModel.js';
import { splitRange } from './splitRange.js';

/** Restores what a `compressor` wrote, piece by piece. */
export interface Decompressor {
  /**
   * The bytes that are known after these; may be empty. A few bytes of input can stand for any number of bytes: with `most` it
   * gives so many at most, and the next ones when it is called again, also without more input.
   */
  add(bytes: Uint8Array, most?: number): Uint8Array;
  /** Whether there is more to be had of what was added. */
  readonly pending: boolean;
  /** Says that there is no more; an Error where the end of the input was not found. */
  end(): void;
}

/**
 * Makes a decompressor of what `compressor` wrote, on this or any other engine. A TypeError for bytes that do not begin as
 * its output; an Error for bytes after the end, and at `end()` where some are missing. A RangeError for a `most` that is not a
 * positive integer.
 */
export function decompressor(): Decompressor {
  const model = codedModel();
  const head: number[] = []; // the magic, then the first four bytes of the code
  let low = 0;
  let high = 0xffffffff;
  let value = 0;
  let node = 0; // 0 where the bit that says whether there is another byte comes next
  let ended = false;
  let left = 0; // bytes of the code that follow the end
  let input: Uint8Array = new Uint8Array(0); // what is not decoded yet, from `at` on
  let at = 0;
  let pending = false;

  function skip(count: number): void {
    left -= count;
    if (left < 0) throw new Error(`decompressor: ${-left} bytes follow the end`);
  }
  /** Decodes bits until more input is needed, there are as many bytes as wanted, or the end. */
  function decode(most: number): Uint8Array {
    let out = new Uint8Array(Math.min(most, 1024));
    let size = 0;
    for (;;) {
      pending = size === most;
      if (pending) return out;
      while ((low ^ high) >>> 24 === 0) {
        if (at === input.length) return out.slice(0, size);
        low = (low << 8) >>> 0;
        high = ((high << 8) | 255) >>> 0;
        value = ((value << 8) | input[at++]!) >>> 0;
      }
      const split = splitRange(low, high, node === 0 ? 0 : model.predict());
      const bit = value <= split ? 1 : 0;
      if (bit === 1) high = split;
      else low = split + 1;
      if (node === 0) {
        if (bit === 1) {
          ended = true;
          for (; (low ^ high) >>> 24 === 0; left++) [low, high] = [(low << 8) >>> 0, ((high << 8) | 255) >>> 0];
          skip(input.length - at);
          at = input.length;
          return out.slice(0, size);
        }
        node = 1;
        continue;
      }
      model.learn(bit);
      node = node * 2 + bit;
      if (node < 256) continue;
      if (size === out.length) {
        const larger = new Uint8Array(Math.min(2 * size, most));
        larger.set(out);
        out = larger;
      }
      out[size++] = node & 255;
      node = 0;
    }
  }

  return {
    add(bytes, most = Infinity) {
      if (most !== Infinity) positiveInteger('decompressor', 'most', most);
      [input, at] = [at < input.length ? joined(input.subarray(at), bytes) : bytes, 0];
      while (head.length < MAGIC.length + WORD && at < input.length) {
        const byte = input[at++]!;
        if (head.length < MAGIC.length && byte !== MAGIC.charCodeAt(head.length)) {
          throw new TypeError(
            head.length === MAGIC.length - 1
              ? `decompressor: this was written by another version, which reads it; this one reads ${MAGIC}`
              : `decompressor: this was not written by a compressor: it does not begin with ${MAGIC}`,
          );
        }
        head.push(byte);
        if (head.length > MAGIC.length) value = ((value << 8) | byte) >>> 0;
      }
      if (head.length < MAGIC.length + WORD) return new Uint8Array(0);
      if (ended) {
        skip(input.length - at);
        at = input.length;
        return new Uint8Array(0);
      }
      return decode(most);
    },
    get pending() {
      return pending;
    },
    end() {
      if (!ended || left > 0) throw new Error('decompressor: the input is incomplete: its end was not found');
    },
  };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
