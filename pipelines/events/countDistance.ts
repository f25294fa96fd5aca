import type { Token } from '../../src/index.js';

/** How often a session has each key. */
export type Counts = readonly number[];

/** The counts of sessions, each once. */
export function countsOf(sessions: readonly (readonly Token[])[], keys: number): Counts[] {
  const counted = sessions.map((session) => counts(session, keys));
  return [...new Map(counted.map((counts) => [counts.join(' '), counts])).values()];
}

/**
 * Makes a score of how far the counts of a session's keys are from the nearest that are known: the sum of the differences,
 * each divided by 1 + the range of that key's known counts, so that one more of what varies among the known is less than
 * one more of what does not (Gower, A general coefficient of similarity, Biometrics 1971). 1 is added where a key, or a
 * length, was never seen. `except`: the place of counts in `known` that are to be taken as unknown.
 */
export function countDistance(known: readonly Counts[]): (session: readonly Token[], except?: number) => number {
  const keys = known[0]!.length;
  const weights = Array.from({ length: keys }, (_, key) => {
    const [least, most] = extremes(known.map((counts) => counts[key]!));
    return 1 / (1 + most - least);
  });
  const weighed = (counts: Counts): number => counts.reduce((sum, count, key) => sum + count * weights[key]!, 0);
  const order = known.map((counts, at) => ({ at, counts, sum: weighed(counts) })).toSorted((a, b) => a.sum - b.sum);
  const lengths = known.map(lengthOf).toSorted((a, b) => a - b);
  const having = Array.from({ length: keys }, (_, key) => known.filter((counts) => counts[key]! > 0).length);

  /** The distance to the nearest. That of two counts is at least the difference of their sums: those far off are not met. */
  function nearest(own: Counts, except: number | undefined): number {
    const sum = weighed(own);
    let [below, above] = [-1, order.length];
    while (above - below > 1) {
      const middle = (below + above) >> 1;
      if (order[middle]!.sum < sum) below = middle;
      else above = middle;
    }
    let least = Infinity;
    for (;;) {
      const [low, high] = [order[below], order[above]];
      const [down, up] = [low ? sum - low.sum : Infinity, high ? high.sum - sum : Infinity];
      const next = up < down ? high : low;
      if (!next || Math.min(down, up) >= least) return least;
      if (up < down) above += 1;
      else below -= 1;
      if (next.at !== except) least = Math.min(least, difference(own, next.counts));
    }
  }

  function difference(one: Counts, other: Counts): number {
    let sum = 0;
    for (let key = 0; key < keys; key++) sum += Math.abs(one[key]! - other[key]!) * weights[key]!;
    return sum;
  }

  return (session, except) => {
    const own = counts(session, keys);
    const without = except === undefined ? undefined : known[except]!;
    const length = without && lengthOf(without);
    const shortest = lengths[length === lengths[0] ? 1 : 0]!;
    const longest = lengths.at(length === lengths.at(-1) ? -2 : -1)!;
    const isStrange =
      session.length < shortest ||
      session.length > longest ||
      session.some((key) => having[key]! - (without && without[key]! > 0 ? 1 : 0) === 0);
    return (isStrange ? 1 : 0) + nearest(own, except);
  };
}

/** How far the counts of each session are from those of all others: 0 where another has the same. `known`: their `countsOf`. */
export function distancesToOthers(sessions: readonly (readonly Token[])[], known: readonly Counts[]): number[] {
  const keys = known[0]!.length;
  const distance = countDistance(known);
  const places = new Map(known.map((counts, place) => [counts.join(' '), place]));
  const placeOf = sessions.map((session) => places.get(countsOf([session], keys)[0]!.join(' '))!);
  const having = known.map(() => 0);
  for (const place of placeOf) having[place]! += 1;
  return sessions.map((session, i) => (having[placeOf[i]!]! > 1 ? 0 : distance(session, placeOf[i])));
}

function counts(session: readonly Token[], keys: number): number[] {
  const found = Array<number>(keys).fill(0);
  for (const key of session) found[key]! += 1;
  return found;
}

function lengthOf(counts: Counts): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function extremes(numbers: readonly number[]): [number, number] {
  return [
    numbers.reduce((least, number) => Math.min(least, number)),
    numbers.reduce((most, number) => Math.max(most, number)),
  ];
}
