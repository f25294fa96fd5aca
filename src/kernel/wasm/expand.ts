/** What `shorten.mjs` makes of bytes. */
export interface Shortened {
  /** The bytes that are not copied, then of all copies the literals before each, its length, and its distance. */
  readonly bytes: Uint8Array;
  readonly literals: number;
  readonly copies: number;
}

/** The shortest copy; that of `shorten.mjs`. */
const LEAST = 16;

/**
 * The first `length` of bytes that are kept as new ones and copies of earlier ones. Nothing is checked: what it reads is part
 * of the program.
 */
export function expand({ bytes, literals, copies }: Shortened, length: number): Uint8Array {
  const output = new Uint8Array(length);
  let at = literals;
  const column = (): number[] => Array.from({ length: copies }, number);
  const [runs, lengths, distances] = [column(), column(), column()];
  let from = 0;
  let to = 0;

  /** Reads a number in groups of seven bits, the lowest first (LEB128). */
  function number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  }
  /** Takes the next `most` literals, as far as there is room. */
  function take(most: number): void {
    const count = Math.min(most, length - to);
    output.set(bytes.subarray(from, from + count), to);
    from += count;
    to += count;
  }
  for (let i = 0; i < copies && to < length; i++) {
    take(runs[i]!);
    const end = Math.min(to + lengths[i]! + LEAST, length);
    for (const back = distances[i]!; to < end; to++) output[to] = output[to - back]!;
  }
  take(literals - from);
  return output;
}
