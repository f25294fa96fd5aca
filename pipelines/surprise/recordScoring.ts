// Lines scored as records of a log, by templates, parameters and bursts.
import { map, pipe } from 'rxjs';
import { amount } from '../cli/amount.js';
import { type LineScore, lineScorer, type LineScorerOptions, surprisalByLine, visible } from '../../src/index.js';
import { readableLine } from './readableLine.js';
import type { Scored } from './scored.js';
import type { Scoring } from './scoring.js';

export interface RecordScoringOptions extends Pick<LineScorerOptions, 'format' | 'oneIn' | 'now' | 'state'> {
  readonly keyOf: ((line: string) => string) | undefined;
}

const WARM_UP = 250; // lines
const MARGIN = 8;

/** Scores and learns lines of a log, as `Scoring` says. */
export function recordScoring({ keyOf, ...options }: RecordScoringOptions): Scoring {
  const scorer = lineScorer({ ...options, warmUp: WARM_UP });
  let lines = 0;
  let bits = 0;
  let characters = 0;
  let others = 0; // lines that are not of the format that was asked for
  return {
    score: pipe(
      surprisalByLine({ scorer, keyOf }),
      map((score) => {
        lines += 1;
        if (options.format && score.format !== options.format && score.record === score.number) others += 1;
        bits += score.bits;
        characters += score.bits === 0 ? 1 : score.bits / score.bitsPerCharacter; // of the line, and its end
        return scoredOf(score, keyOf);
      }),
    ),
    text(scored: Scored, indent = 0) {
      const columns = (process.stdout.columns || 80) - indent;
      const most = process.stdout.isTTY ? Math.max(20, columns - MARGIN - 2) : 4096;
      return `${scored.score.toFixed(1).padStart(MARGIN - 2)}  ${visible(readableLine(scored).line, { most })}`;
    },
    summary: () =>
      `${lines.toLocaleString('en')} ${lines === 1 ? 'line' : 'lines'} of ${amount(scorer.templates, 'template')}, ` +
      `${(bits / Math.max(1, characters)).toFixed(2)} bits per character` +
      (others === 0 ? '' : `; ${others.toLocaleString('en')} of them not of --format ${options.format}`),
    end: () => undefined,
    state: () => scorer.state(),
    templates: () => scorer.templates,
    warmUp: WARM_UP,
  };
}

/** A usual line needs no reason. */
function scoredOf(score: LineScore, keyOf: RecordScoringOptions['keyOf']): Scored {
  const { alarm } = score;
  const isUsual = !alarm && !score.isNew && score.strange.length === 0;
  const scored: Omit<LineScore, 'alarm' | 'why'> & Pick<Scored, 'why'> = {
    ...score,
    why: isUsual ? undefined : score.why,
  };
  if (!alarm && !keyOf) return scored;
  return {
    ...scored,
    ...(keyOf && { key: keyOf(score.line) }),
    ...(alarm && { alarm: { ...alarm, count: 1 } }),
  };
}
