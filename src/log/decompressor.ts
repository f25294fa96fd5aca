import { codedModel, MAGIC, WORD } from './codedModel.js';
import { splitRange } from './splitRange.js';

/** Restores what a `compressor` wrote, piece by piece. */
export interface Decompressor {
  /** The bytes that are known after these; may be empty. */
  add(bytes: Uint8Array): Uint8Array;
  /** Says that there is no more; an Error where the end of the input was not found. */
  end(): void;
}

/**
 * Makes a decompressor of what `compressor` wrote, on this or any other engine. A TypeError for bytes that do not begin as
 * its output; an Error for bytes after the end, and at `end()` where some are missing.
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

  function skip(count: number): void {
    left -= count;
    if (left < 0) throw new Error(`decompressor: ${-left} bytes follow the end`);
  }
  /** Decodes bits until more input is needed, or the end. */
  function decode(input: Uint8Array, from: number): Uint8Array {
    let at = from;
    let out = new Uint8Array(1024);
    let size = 0;
    for (;;) {
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
          return out.slice(0, size);
        }
        node = 1;
        continue;
      }
      model.learn(bit);
      node = node * 2 + bit;
      if (node < 256) continue;
      if (size === out.length) {
        const larger = new Uint8Array(2 * size);
        larger.set(out);
        out = larger;
      }
      out[size++] = node & 255;
      node = 0;
    }
  }

  return {
    add(bytes) {
      let at = 0;
      while (head.length < MAGIC.length + WORD && at < bytes.length) {
        const byte = bytes[at++]!;
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
        skip(bytes.length - at);
        return new Uint8Array(0);
      }
      return decode(bytes, at);
    },
    end() {
      if (!ended || left > 0) throw new Error('decompressor: the input is incomplete: its end was not found');
    },
  };
}
