import type { Token } from '../types.js';
import { tokenTable } from './tokenTable.js';

/**
 * Tokens in the order of several counts each, the first count first, the largest first; where all are equal, the lower
 * token first. None of a token's counts is smaller than the one before it. A run is what agrees in all but the last.
 */
export interface HubOrder {
  /** How many counts each token has. */
  readonly width: number;
  /** Puts a token in its place by its counts now, which are copied. */
  set(token: Token, counts: Float64Array): void;
  /**
   * How many tokens come before: those whose weighted sum of counts is above `high`, and of those from `low` up to it the
   * ones that `isBefore` says. A change of the last count by one must lead out of that range.
   */
  above(weights: Float64Array, low: number, high: number, isBefore: (token: Token) => boolean): number;
  /** How many tokens have a larger last count than this, or this one and a lower number than `end`. */
  aboveLast(count: number, end: Token): number;
  /**
   * Calls for the first tokens of each run, `most` at most, with their weighted sums of counts, until those of all further
   * ones are below the number that the call returns.
   */
  forFirst(most: number, weights: Float64Array, visit: (token: Token, sum: number) => number): void;
}

/**
 * An order of no tokens, of `width` counts each.
 *
 * A sorted array: finding a place takes time of the order of the logarithm of its length, and what is moved is moved by
 * the engine, some thousand numbers in a microsecond. As many tokens are far fewer runs, counting takes a few such
 * searches per run, of those that their first count does not decide.
 */
export function hubOrder(width: number): HubOrder {
  const last = width - 1;
  const slots = tokenTable(1024); // of the tokens
  let tokens = new Int32Array(1024); // by slot
  let keys = new Float64Array(1024 * width); // their counts
  let sorted = new Int32Array(1024); // the slots
  const largest = new Float64Array(width); // of each count
  let size = 0;

  /** Whether the token in a slot precedes one of these counts. */
  function precedes(slot: number, counts: Float64Array, token: Token): boolean {
    for (let d = 0, at = slot * width; d < width; d++, at++) {
      if (keys[at]! !== counts[d]!) return keys[at]! > counts[d]!;
    }
    return tokens[slot]! < token;
  }

  /** The first place from `low` on, before `high`, that does not precede; `high` where all do. */
  function placeOf(counts: Float64Array, token: Token, low = 0, high = size): number {
    while (low < high) {
      const middle = (low + high) >> 1;
      if (precedes(sorted[middle]!, counts, token)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function grow(): void {
    const [fewerTokens, fewerKeys, fewerSorted] = [tokens, keys, sorted];
    tokens = new Int32Array(2 * size);
    keys = new Float64Array(2 * size * width);
    sorted = new Int32Array(2 * size);
    tokens.set(fewerTokens);
    keys.set(fewerKeys);
    sorted.set(fewerSorted);
  }

  function insert(token: Token, counts: Float64Array): void {
    if (size === tokens.length) grow();
    const place = placeOf(counts, token);
    sorted.copyWithin(place + 1, place, size);
    sorted[place] = size;
    tokens[size] = token;
    keys.set(counts, size * width);
    slots.set(token, size++);
  }

  function move(slot: number, counts: Float64Array): void {
    const at = slot * width;
    const token = tokens[slot]!;
    const from = placeOf(keys.subarray(at, at + width), token);
    const to = placeOf(counts, token); // it counts itself where it moves back
    if (to <= from) sorted.copyWithin(to + 1, to, from);
    else sorted.copyWithin(from, from + 1, to);
    sorted[to <= from ? to : to - 1] = slot;
    keys.set(counts, at);
  }

  function isSameRun(slot: number, other: number): boolean {
    for (let d = 0; d < last; d++) if (keys[slot * width + d] !== keys[other * width + d]) return false;
    return true;
  }

  /** The end of the run that begins at a place: in steps that double, then by halves, as most runs of large counts are short. */
  function endOfRun(start: number): number {
    const first = sorted[start]!;
    let low = start + 1;
    let step = 1;
    while (low + step <= size && isSameRun(sorted[low + step - 1]!, first)) {
      low += step;
      step *= 2;
    }
    let high = Math.min(size, low + step - 1);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isSameRun(sorted[middle]!, first)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** How many places from `start` up to `end`, of one run, have a last count above this, or this one and a lower token. */
  function aboveInRun(start: number, end: number, count: number, token: Token): number {
    let low = start;
    let high = end;
    while (low < high) {
      const middle = (low + high) >> 1;
      const own = keys[sorted[middle]! * width + last]!;
      if (own > count || (own === count && tokens[sorted[middle]!]! < token)) low = middle + 1;
      else high = middle;
    }
    return low - start;
  }

  const firstAt = (place: number): number => keys[sorted[place]! * width]!;

  /** How many tokens have a larger first count than this. */
  function aboveFirst(count: number): number {
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (firstAt(middle) > count) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** What the largest counts but the first add to a sum. */
  function mostOfOthers(weights: Float64Array): number {
    let sum = 0;
    for (let d = 1; d < width; d++) sum += weights[d]! * largest[d]!;
    return sum;
  }

  const countAt = (place: number): number => keys[sorted[place]! * width + last]!;

  function sumOfOthers(place: number, weights: Float64Array): number {
    let sum = 0;
    for (let d = 0; d < last; d++) sum += weights[d]! * keys[sorted[place]! * width + d]!;
    return sum;
  }

  return {
    width,
    set(token, counts) {
      const slot = slots.get(token);
      for (let d = 0; d < width; d++) largest[d] = Math.max(largest[d]!, counts[d]!);
      if (slot < 0) insert(token, counts);
      else move(slot, counts);
    },
    above(weights, low, high, isBefore) {
      const weight = weights[last]!;
      // As all counts are at least the first one, or at most the largest, these many are above and these below
      const sure = aboveFirst((high * (1 + ROUNDING)) / weights.reduce((all, one) => all + one));
      const stop = weights[0] === 0 ? size : aboveFirst((low * (1 - ROUNDING) - mostOfOthers(weights)) / weights[0]!);
      let sum = Math.min(sure, stop);
      for (let start = sure, end; start < stop; start = end) {
        end = endOfRun(start);
        const others = sumOfOthers(start, weights);
        if (others + weight * countAt(start) < low) continue;
        if (others + weight * countAt(end - 1) > high) {
          sum += end - start;
          continue;
        }
        // The one count, if any, whose sums are too near to tell
        const near = Math.round(((low + high) / 2 - others) / weight);
        const score = others + weight * near;
        const isNear = score >= low && score <= high;
        const above = start + aboveInRun(start, end, isNear || score < low ? near : near - 1, -1);
        sum += above - start;
        if (!isNear) continue;
        let from = above;
        let to = above + aboveInRun(above, end, near, Infinity);
        // of equal counts, those of lower tokens come first: where any does not come before, none after it does
        while (from < to) {
          const middle = (from + to) >> 1;
          if (isBefore(tokens[sorted[middle]!]!)) from = middle + 1;
          else to = middle;
        }
        sum += from - above;
      }
      return sum;
    },
    aboveLast(count, end) {
      let sum = aboveFirst(count); // all counts of a token are at least its first
      for (let start = sum, after; start < size; start = after) {
        after = endOfRun(start);
        sum += aboveInRun(start, after, count, end);
      }
      return sum;
    },
    forFirst(most, weights, visit) {
      const ofOthers = mostOfOthers(weights);
      let least = -Infinity;
      for (let start = 0, end; start < size; start = end) {
        if (weights[0]! * firstAt(start) + ofOthers < least) return;
        end = endOfRun(start);
        const others = sumOfOthers(start, weights);
        for (let place = start; place < Math.min(end, start + most); place++) {
          least = visit(tokens[sorted[place]!]!, others + weights[last]! * countAt(place));
        }
      }
    },
  };
}

/** More than rounding changes a quotient by. */
const ROUNDING = 1e-14;
