import type { LineAlarm, ScoreParts } from './lineScore.js';
import { scoreWeights } from './scoreWeights.js';

/** The part of a score that weighs most, in words: the reason of an alarm that has no other. */
export function reasonOfParts(
  parts: ScoreParts,
  { kind }: Pick<LineAlarm, 'kind'>,
  newValue: string | undefined,
): string {
  if (kind !== 'line') return 'the last lines like it are unusual together';
  const w = scoreWeights;
  const weighed: readonly (readonly [weight: number, reason: string])[] = [
    [w.value * parts.value, newValue === undefined ? 'an unusual value' : `unusual value ${JSON.stringify(newValue)}`],
    [w.word * parts.word, 'words in an unusual order'],
    [w.burst * parts.burst, 'more often than usual'],
    [w.fatal * parts.fatal, 'critical'],
    [w.unlike * parts.unlike, 'unlike the lines before it'],
    [w.unlikeBefore * parts.unlikeBefore + w.rarityBefore * parts.rarityBefore, 'like an unusual line just before it'],
  ];
  return weighed.reduce((most, one) => (one[0] > most[0] ? one : most))[1];
}
