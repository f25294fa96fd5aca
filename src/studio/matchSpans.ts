import type { Reading, Unit } from './readText.js';

/** A span of a text, from its first character to the one after its last, and how like the selected one it is. */
interface Match {
  readonly from: number;
  readonly to: number;
  /** The cosine of the two spans' mean states, each less the mean of the whole text; in [−1, 1]. */
  readonly likeness: number;
}

/** The units that a span is about, and the spans of another text that are like it. */
export interface SpanMatches {
  readonly units: readonly { readonly unit: number; readonly mean: number }[];
  readonly spans: readonly Match[];
}

/**
 * Ranks the units by how far a span's mean activation is from that of the text, in standard deviations, and finds the
 * spans of a text whose states are most like it: LSTMVis's select and match (Strobelt et al., 2018), with a cosine in
 * place of a threshold. Spans do not overlap. `text` may be the selection's own reading, where the span itself is left out.
 */
export function matchSpans(
  selected: Reading,
  { from, to }: { readonly from: number; readonly to: number },
  text: Reading,
  units: readonly Unit[],
  { most = 8 }: { readonly most?: number } = {},
): SpanMatches {
  const { means, deviations } = momentsOf(text, units);
  const target = spanMean(selected, units, from, to).map((mean, i) => (mean - means[i]!) / deviations[i]!);
  const order = target.map((_, unit) => unit).toSorted((a, b) => Math.abs(target[b]!) - Math.abs(target[a]!));
  const length = to - from;
  const found: Match[] = [];
  const sums = spanMean(text, units, 0, Math.min(length, text.tokens.length)).map((mean) => mean * length);
  for (let start = 0; start + length <= text.tokens.length; start++) {
    if (start > 0) {
      for (const [i, { place }] of units.entries()) {
        sums[i]! += text.states[(start + length - 1) * text.carried + place]!;
        sums[i]! -= text.states[(start - 1) * text.carried + place]!;
      }
    }
    const itself = text === selected && start < to && start + length > from;
    if (itself) continue;
    const likeness = cosine(target, sums, means, deviations, length);
    if (Number.isFinite(likeness)) found.push({ from: start, to: start + length, likeness });
  }
  found.sort((a, b) => b.likeness - a.likeness);
  const spans: Match[] = [];
  for (const match of found) {
    if (spans.length === most) break;
    if (spans.every((other) => match.to <= other.from || match.from >= other.to)) spans.push(match);
  }
  const active = spanMean(selected, units, from, to);
  return { units: order.slice(0, most).map((unit) => ({ unit, mean: active[unit]! })), spans };
}

function momentsOf(reading: Reading, units: readonly Unit[]): { means: number[]; deviations: number[] } {
  const { length } = reading.tokens;
  const means = spanMean(reading, units, 0, length);
  const deviations = units.map(({ place }, i) => {
    let sum = 0;
    for (let t = 0; t < length; t++) {
      const difference = reading.states[t * reading.carried + place]! - means[i]!;
      sum += difference * difference;
    }
    return Math.sqrt(sum / length) || 1; // a unit that never changes tells nothing
  });
  return { means, deviations };
}

function spanMean(reading: Reading, units: readonly Unit[], from: number, to: number): number[] {
  return units.map(({ place }) => {
    let sum = 0;
    for (let t = from; t < to; t++) sum += reading.states[t * reading.carried + place]!;
    return sum / (to - from);
  });
}

function cosine(target: number[], sums: number[], means: number[], deviations: number[], length: number): number {
  let [product, a, b] = [0, 0, 0];
  for (const [i, x] of target.entries()) {
    const y = (sums[i]! / length - means[i]!) / deviations[i]!;
    product += x * y;
    a += x * x;
    b += y * y;
  }
  return product / Math.sqrt(a * b);
}
