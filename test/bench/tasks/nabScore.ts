/** The rows of one series, its scores, and the windows that hold its anomalies, by their first and last time. */
export interface ScoredSeries {
  readonly times: readonly string[];
  readonly scores: readonly number[];
  readonly windows: readonly (readonly [from: string, to: string])[];
}

/** The score of a detector over a corpus: 0 is that of silence, 100 of the first row of every window and nothing else. */
export interface NabScore {
  readonly score: number;
  readonly threshold: number;
  readonly hit: number;
  readonly windows: number;
  readonly alarmsOutside: number;
}

/** Weights of the standard profile: a window found, an alarm outside, a window missed. */
const [FOUND, OUTSIDE, MISSED] = [1, 0.11, 1];

/**
 * Scores anomaly scores by the rules of the Numenta Anomaly Benchmark, v1.1, standard profile: one threshold for all series,
 * the one with the highest total. The first 15 % of the rows, at most 750, do not count. An alarm in a window is worth the
 * more the earlier it is, and only the best of a window counts. Lavin and Ahmad, Evaluating Real-Time Anomaly Detection
 * Algorithms: the Numenta Anomaly Benchmark, 2015.
 */
export function nabScore(all: readonly ScoredSeries[]): NabScore {
  const points: { readonly score: number; readonly window: string | undefined; readonly worth: number }[] = [];
  const names = new Set<string>();
  let windows = 0;
  for (const [index, { times, scores, windows: given }] of all.entries()) {
    const at = new Map<string, number>();
    for (const [i, time] of times.entries()) if (!at.has(time)) at.set(time, i);
    const spans = given.map(([from, to]) => [at.get(from.slice(0, 19))!, at.get(to.slice(0, 19))!] as const);
    windows += spans.length;
    const first = Math.min(Math.floor(0.15 * times.length), 750);
    let next = 0;
    let before: readonly [number, number] | undefined;
    for (const [i, score] of scores.entries()) {
      if (next < spans.length && i > spans[next]![1]) before = spans[next++];
      const inside = next < spans.length && i >= spans[next]![0] ? spans[next]! : undefined;
      if (i < first) continue;
      const window = inside && `${index} ${next}`;
      if (window !== undefined) names.add(window);
      points.push({ score, window, worth: worthOf(i, inside, before) });
    }
  }
  return best(points, names.size, windows);
}

function worthOf(
  i: number,
  inside: readonly [number, number] | undefined,
  before: readonly [number, number] | undefined,
): number {
  if (inside) return (FOUND * sigmoid(-(inside[1] - i + 1) / (inside[1] - inside[0] + 1))) / sigmoid(-1);
  return before ? OUTSIDE * sigmoid((i - before[1]) / (before[1] - before[0])) : -OUTSIDE;
}

/** From 1, far before the end of a window, over 0 at its end, to −1. */
function sigmoid(y: number): number {
  return y > 3 ? -1 : 2 / (1 + Math.exp(5 * y)) - 1;
}

/** Lowers the threshold from point to point and keeps the highest total. */
function best(
  points: { readonly score: number; readonly window: string | undefined; readonly worth: number }[],
  counted: number,
  windows: number,
): NabScore {
  const found = new Map<string, number>();
  const silent = -MISSED * counted;
  let [outside, inside, alarms] = [0, 0, 0];
  let top = { total: silent, threshold: Infinity, hit: 0, alarmsOutside: 0 };
  const falling = points.toSorted((a, b) => b.score - a.score);
  for (const [i, { score, window, worth }] of falling.entries()) {
    if (window === undefined) {
      outside += worth;
      alarms += 1;
    } else {
      const old = found.get(window) ?? -MISSED;
      found.set(window, Math.max(old, worth));
      inside += Math.max(old, worth) - old;
    }
    const total = silent + inside + outside;
    if (falling[i + 1]?.score !== score && total > top.total) {
      top = { total, threshold: score, hit: found.size, alarmsOutside: alarms };
    }
  }
  const { total, ...rest } = top;
  return { score: (100 * (total - silent)) / (FOUND * windows - silent), windows, ...rest };
}
