import type { Why } from './lineScore.js';
import { reasonsOf, type Seen } from './reasonsOf.js';

/** A line with what was to be expected instead. */
interface Explained extends Seen {
  /** Its template, and what that cost. */
  readonly template: string;
  readonly templateBits: number;
  /** The template that was most likely to come, and what it would have cost; undefined where that was not looked for. */
  readonly expected: { readonly text: string | undefined; readonly bits: number } | undefined;
}

/** Why a line is scored as it is. */
export function whyOf(line: Explained): Why {
  const { template, templateBits, expected, isNew, newWords } = line;
  const instead = expected ? expected.text : template;
  return {
    expected: isNew && instead === template ? null : (instead ?? null),
    expectedBits: expected?.bits ?? templateBits,
    seen: template,
    newWords,
    reasons: reasonsOf(line),
  };
}
