/** First lines of a log, which are not ranked. */
export const UNRANKED = 100;

/** How many of the highest are looked at. */
export const SHOWN = 50;

/** Hits among the highest, and average precision; equal scores count against it. */
export function ranked(
  scores: readonly number[],
  kinds: ReadonlyMap<number, string>,
): { hits: number; precision: number } {
  const order = Array.from(scores.keys()).slice(UNRANKED);
  order.sort((a, b) => scores[b]! - scores[a]! || Number(kinds.has(a)) - Number(kinds.has(b)) || a - b);
  let [found, precision, hits] = [0, 0, 0];
  order.forEach((line, rank) => {
    if (!kinds.has(line)) return;
    found += 1;
    precision += found / (rank + 1);
    if (rank < SHOWN) hits += 1;
  });
  return { hits, precision: precision / Math.max(1, found) };
}
