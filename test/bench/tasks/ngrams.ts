/** How often each token follows each context. */
type Counts = Map<string, Map<number, number>>;

/** Counts of what follows what, smoothed by the shorter contexts (Witten and Bell): what a network is to beat. */
export interface Ngrams {
  /** The probabilities of all tokens after those before. */
  shares(before: readonly number[]): Float64Array;
}

/** Counts sequences; token −1 precedes the first of each. */
export function ngrams(sequences: Iterable<readonly number[]>, order: number, size: number): Ngrams {
  const counts: Counts = new Map();
  for (const sequence of sequences) {
    for (const [i, token] of sequence.entries()) {
      for (let length = 0; length < order; length++) {
        const context = contextOf(sequence, i, length);
        if (context === undefined) break;
        let own = counts.get(context);
        if (!own) counts.set(context, (own = new Map()));
        own.set(token, (own.get(token) ?? 0) + 1);
      }
    }
  }
  return {
    shares(before) {
      let shares = new Float64Array(size).fill(1 / size);
      for (let length = 0; length < order; length++) {
        const context = contextOf(before, before.length, length);
        const own = context === undefined ? undefined : counts.get(context);
        if (!own) break;
        const total = [...own.values()].reduce((sum, count) => sum + count, 0) + own.size;
        const next = shares.map((share) => (own.size * share) / total);
        for (const [token, count] of own) next[token]! += count / total;
        shares = next;
      }
      return shares;
    },
  };
}

/** The tokens before place `i`, as a text; there is one place before the first. */
function contextOf(sequence: readonly number[], i: number, length: number): string | undefined {
  if (length > i + 1) return undefined;
  const own = sequence.slice(Math.max(0, i - length), i);
  return length > i ? `^ ${own.join(' ')}` : own.join(' ');
}
