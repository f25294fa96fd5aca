import type { Token } from '../types.js';

/** All tokens in the order of their counts, the largest first, and of equal counts the lower token first. */
export interface CountOrder {
  /** How often each token has been counted. */
  readonly counts: Float64Array;
  /** The largest count. */
  most(): number;
  /** Counts a token once more. */
  add(token: Token): void;
  /** How many tokens have a larger count than this, or this one and a lower number than `token`. */
  before(count: number, token: Token): number;
  /** Writes the first `count` tokens of those for which `skip` is 0 from place `at` on, and returns the place after them. */
  writeFirst(to: Int32Array, at: number, count: number, skip: Uint8Array): number;
}

/**
 * Counts of the tokens 0 to `vocabSize − 1`, all 0 at first.
 *
 * The order is kept in chunks of up to about 2 √`vocabSize` tokens, of which neighbours are joined where they fit into
 * one: moving a token and finding its place take time of the order of √`vocabSize`, and most tokens need no move.
 */
export function countOrder(vocabSize: number): CountOrder {
  const counts = new Float64Array(vocabSize);
  const previous = new Int32Array(vocabSize).map((_, token) => token - 1); // the token before each; −1 for the first
  const room = 2 ** (6 + ((32 - Math.clz32(vocabSize >> 10)) >> 1)); // 64, 128 from 2,048 tokens on, 256 from 8,192 on
  const chunks: Int32Array[] = [];
  const sizes: number[] = [];
  for (let first = 0; first < vocabSize; first += room / 2) {
    const size = Math.min(room / 2, vocabSize - first);
    chunks.push(new Int32Array(room).map((_, i) => first + i));
    sizes.push(size);
  }

  const precedes = (other: Token, count: number, token: Token): boolean =>
    counts[other]! > count || (counts[other] === count && other < token);

  /** The last chunk whose first token precedes, or the first chunk. */
  function chunkOf(count: number, token: Token): number {
    let low = 0;
    let high = chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (precedes(chunks[middle]![0]!, count, token)) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** How many tokens of a chunk precede. */
  function placeIn(chunk: number, count: number, token: Token): number {
    const tokens = chunks[chunk]!;
    let low = 0;
    let high = sizes[chunk]!;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (precedes(tokens[middle]!, count, token)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function joinNext(chunk: number): void {
    if (chunk < 0 || chunk + 1 >= chunks.length || sizes[chunk]! + sizes[chunk + 1]! > room) return;
    chunks[chunk]!.set(chunks[chunk + 1]!.subarray(0, sizes[chunk + 1]), sizes[chunk]);
    sizes[chunk]! += sizes[chunk + 1]!;
    chunks.splice(chunk + 1, 1);
    sizes.splice(chunk + 1, 1);
  }

  function remove(chunk: number, place: number): void {
    chunks[chunk]!.copyWithin(place, place + 1, sizes[chunk]);
    sizes[chunk]! -= 1;
    joinNext(chunk);
    joinNext(chunk - 1);
  }

  function insert(token: Token, chunk: number, place: number): void {
    if (sizes[chunk] === room) {
      const half = room / 2;
      const upper = new Int32Array(room);
      upper.set(chunks[chunk]!.subarray(half));
      chunks.splice(chunk + 1, 0, upper);
      sizes.splice(chunk, 1, half, half);
      if (place > half) return insert(token, chunk + 1, place - half);
    }
    chunks[chunk]!.copyWithin(place + 1, place, sizes[chunk]);
    chunks[chunk]![place] = token;
    sizes[chunk]! += 1;
  }

  /** The token at a place of a chunk, or the first one of the next chunk; undefined after the last. */
  function tokenAt(chunk: number, place: number): Token | undefined {
    if (place < sizes[chunk]!) return chunks[chunk]![place]!;
    return chunk + 1 < chunks.length ? chunks[chunk + 1]![0]! : undefined;
  }

  /** Moves a token towards the beginning, to its place by a larger count. */
  function moveUp(token: Token, count: number): void {
    const chunk = chunkOf(counts[token]!, token + 1);
    const place = placeIn(chunk, counts[token]!, token);
    const toChunk = chunkOf(count, token);
    const to = placeIn(toChunk, count, token);
    const after = tokenAt(chunk, place + 1);
    if (after !== undefined) previous[after] = previous[token]!;
    const next = tokenAt(toChunk, to)!;
    previous[token] = previous[next]!;
    previous[next] = token;
    if (toChunk === chunk) {
      const tokens = chunks[chunk]!;
      for (let i = place; i > to; i--) tokens[i] = tokens[i - 1]!;
      tokens[to] = token;
    } else {
      remove(chunk, place); // where it joins chunks, no place before this one changes
      insert(token, toChunk, to);
    }
  }

  return {
    counts,
    most: () => counts[chunks[0]![0]!]!,
    add(token) {
      const count = counts[token]! + 1;
      const other = previous[token]!;
      if (other !== -1 && !precedes(other, count, token)) moveUp(token, count);
      counts[token] = count;
    },
    before(count, token) {
      const chunk = chunkOf(count, token);
      let sum = placeIn(chunk, count, token);
      for (let i = 0; i < chunk; i++) sum += sizes[i]!;
      return sum;
    },
    writeFirst(to, at, count, skip) {
      const end = at + count;
      for (let chunk = 0; chunk < chunks.length; chunk++) {
        const tokens = chunks[chunk]!;
        for (let i = 0, size = sizes[chunk]!; i < size; i++) {
          if (at === end) return at;
          const token = tokens[i]!;
          if (skip[token] === 0) to[at++] = token;
        }
      }
      return at;
    },
  };
}
