import { firstCharacters } from '../cli/firstCharacters.js';
import { LONGEST } from './longest.js';
import type { Example } from './readExamples.js';
import { largestOf } from '../cli/largestOf.js';

/** How often each character came after a context, and how many came in all. */
type Counts = Map<string, { total: number; readonly of: Map<string, number> }>;

/**
 * A classifier by counting, to compare with: for each label how often each character follows the two before it, smoothed by the
 * shorter contexts (Witten and Bell), of the characters that are read of a text; a text gets the label under which it and the
 * label are likeliest.
 */
export function trigramOdds(examples: readonly Example[]): (text: string) => string {
  const labels = [...new Set(examples.map(({ label }) => label))].toSorted();
  const characters = new Set(examples.flatMap(({ text }) => firstCharacters(text, LONGEST))).size + 2; // and an unknown one, and the end
  const models = labels.map((label) => {
    const own = examples.filter((example) => example.label === label);
    const counts: Counts = new Map();
    for (const { text } of own) {
      for (const [context, next] of steps(text)) {
        for (let from = 0; from <= context.length; from++) add(counts, context.slice(from), next);
      }
    }
    return { label, prior: Math.log(own.length / examples.length), counts };
  });
  return (text) => {
    const scores = models.map(({ prior, counts }) =>
      steps(text).reduce((sum, [context, next]) => sum + Math.log(share(counts, context, next, characters)), prior),
    );
    return models[scores.indexOf(largestOf(scores, -Infinity))]!.label;
  };
}

/** Each character that is read of a text, and the end, with the two before it; `^` precedes the first. */
function steps(text: string): [context: string, next: string][] {
  const all = ['^', '^', ...firstCharacters(text, LONGEST)];
  return [...all.slice(2), '$'].map((next, i) => [`${all[i]!}${all[i + 1]!}`, next]);
}

function add(counts: Counts, context: string, next: string): void {
  if (!counts.has(context)) counts.set(context, { total: 0, of: new Map() });
  const own = counts.get(context)!;
  own.total += 1;
  own.of.set(next, (own.of.get(next) ?? 0) + 1);
}

function share(counts: Counts, context: string, next: string, characters: number): number {
  const shorter = context === '' ? 1 / characters : share(counts, context.slice(1), next, characters);
  const own = counts.get(context);
  if (!own) return shorter;
  return ((own.of.get(next) ?? 0) + own.of.size * shorter) / (own.total + own.of.size);
}
