import { callable } from '../check/callable.js';
import { checkBytes } from '../check/checkBytes.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { string } from '../check/string.js';
import { log } from '../kernel/math/log.js';
import { alarmRule } from './alarmRule.js';
import { codePoints } from './codePoints.js';
import { lineAlarmOf } from './lineAlarmOf.js';
import { lineParameters } from './lineParameters.js';
import type { LineScore, LineScorer, ScoreParts } from './lineScore.js';
import { lineScopes } from './lineScopes.js';
import { lineText } from './lineText.js';
import type { LogFormat } from './logRecord.js';
import { checkFormat, recordReader } from './recordReader.js';
import { scoreOf } from './scoreOf.js';
import { scorerState } from './scorerState.js';
import { strangeParts } from './strangeParts.js';
import { tailRarity } from './tailRarity.js';
import { templateMemory } from './templateMemory.js';
import { templateMiner } from './templateMiner.js';
import { templateModel } from './templateModel.js';
import { whyOf } from './whyOf.js';
import { withoutCursor } from './withoutCursor.js';
import { wordCounts } from './wordCounts.js';

/** How lines are scored. */
export interface LineScorerOptions {
  /** The form of all lines; by default each line's is found by itself. */
  readonly format?: LogFormat | undefined;
  /** An alarm is what one line in so many is stranger than; 1000 by default. */
  readonly oneIn?: number | undefined;
  /** Lines before the first alarm; 250 by default. It takes 116 at least, also where this is less. */
  readonly warmUp?: number | undefined;
  /** The most templates to keep; 10000 by default. With `state` it is the state's. */
  readonly maxTemplates?: number | undefined;
  /** Milliseconds of arrival, for lines without a time stamp; by default such a line comes 150 ms after the one before. */
  readonly clock?: (() => number) | undefined;
  /**
   * Milliseconds since 1970 that lines are not later than, but for a day: times without a year are of the latest such year. By
   * default they are of 2000.
   */
  readonly now?: (() => number) | undefined;
  /** The state of a scorer to continue, as its `state()` gave it. */
  readonly state?: Uint8Array | undefined;
}

const WITHOUT_STAMP = 150; // milliseconds between lines without a stamp
const FEW = 3; // lines of a template up to which another one was expected
const EXPECTED = 3; // bits of a new value
const NEVER = 11; // rarity of a template that never came, whatever the length of the log

/**
 * Makes a scorer of log lines: how surprising each is, and why, to a model that learns them as they come.
 *
 * By the chain rule, bits(line) = bits(template | the last templates of its key) + bits(parameters | template). Templates are
 * `templateMiner`'s and are predicted from n-grams of templates, mixed online; parameters by counts of the values of their
 * slot; a new template's text by counts of characters after the last 0 to 4.
 *
 * `score` is what lines rank by: a weighted sum of how unlike the text before it the line is, in bits per character above
 * the usual; the most of that, and of rarity of templates, that the last ten lines of the same template or trace had; how
 * surprising its most surprising word is after the word before it; whether its template is new; how little to be expected a
 * new value is in its slot, and how far a number is from those before it there; how rare it is that so many of its kind
 * come within 1.5 s (Poisson counts with a Gamma prior, by the log's own time stamps; lines of several components whose
 * templates have the same text are of one kind); and whether the log calls it critical. The weights are by a logistic
 * regression on logs with planted lines; a line of a new template scores about 10. Of a template that came often, the
 * characters are read only where words or values are new, and of every 16th line.
 *
 * An alarm is a score above that of all but one line in `oneIn`, or a mean of the last ten lines that is, those of one kind
 * counted; lines that the log calls errors are of one kind, and their scores count for more the rarer such lines were so
 * far; one is an alarm whatever its score while at most one line in `oneIn` was one. The score of an error of a new template,
 * after `oneIn` lines, and that of a line with a far number, after twice as many, is also compared with its own sort: it is an
 * alarm where all but one line in `oneIn` were below or not of that sort.
 *
 * Lines of one text that come more than eight times as often as usual, and more so than those of all but one line in `oneIn`
 * did, are an alarm too, after twice `oneIn` lines.
 *
 * For 30 lines after an alarm those of its template, its trace or its first word are joined with it, and do not count as usual;
 * another error or trace among them is an alarm of its own, and so is another line that is clearly above the threshold, or a
 * burst that began after it and clearly is, up to three times in `oneIn` lines. A known template is an alarm again within
 * `oneIn` lines only as an error, or where its score is clearly higher.
 *
 * Memory is bounded by `maxTemplates`, about 10 MB besides; time per line by the first 4096 characters. The same lines give
 * the same bits on every engine, and `state()` continues in another scorer as if nothing had happened. `surprisalByLine`
 * is the operator.
 *
 * ```ts
 * import { lineScorer } from 'rxrnn';
 *
 * const scorer = lineScorer();
 * for (let i = 0; i < 300; i++) scorer.score(`10:00:${10 + (i % 50)} session ${i} opened for user root`);
 * const usual = scorer.score('10:01:00 session 301 opened for user root');
 * const odd = scorer.score('10:01:01 kernel: out of memory, killed process 71');
 * console.log(odd.score > 5 * usual.score, odd.why.newWords.slice(0, 2).join(' ')); // -> true kernel out
 * ```
 */
export function lineScorer(given: LineScorerOptions = {}): LineScorer {
  given = options('lineScorer', given, {
    format: optional(checkFormat),
    oneIn: optional(positiveInteger),
    warmUp: optional(positiveInteger),
    maxTemplates: optional(positiveInteger),
    clock: optional(callable),
    now: optional(callable),
    state: optional(checkBytes),
  });
  const { format, oneIn = 1000, warmUp = 250, maxTemplates, clock, now } = given;
  if (given.state && maxTemplates !== undefined) {
    throw new TypeError('lineScorer: maxTemplates must be left out beside state, which has its own');
  }
  const texts = lineText();
  const bursts = tailRarity();
  const words = wordCounts();
  const parameters = lineParameters();
  const alarms = alarmRule(oneIn, warmUp);
  const sequences = templateModel();
  const packed = scorerState({
    characters: texts.arrays,
    bursts: bursts.state,
    words: words.state,
    ...parameters.arrays,
    ...alarms.arrays,
    sequences: sequences.state,
  });
  const from = given.state && packed.unpack(given.state);
  if (from) {
    texts.remember(from.usual);
    sequences.remember(from.keys);
    alarms.remember(from.alarms);
  }
  const reader = recordReader({ format, now, state: from?.reader });
  const miner = templateMiner(from ? { state: from.miner } : { maxTemplates });
  const scopes = lineScopes(from?.components);
  const templates = templateMemory(from, (id) => miner.template(id));
  let lines = from?.lines ?? 0;
  let time = from?.time ?? 0;
  let begun = from?.begun ?? 0; // time of the first line

  return {
    get lines() {
      return lines;
    },
    get templates() {
      return miner.size;
    },
    score(text, key = '') {
      string('lineScorer', 'line', text);
      string('lineScorer', 'key', key);

      // read and match
      const line = reader.read(text);
      lines += 1;
      const { record } = line;
      time = line.time ?? clock?.() ?? time + WITHOUT_STAMP;
      if (lines === 1) begun = time;
      const scope = scopes.of(line);
      const match = miner.match(line.message, scope);
      const template = templates.of(match, scope);

      // bits of all that the models predict
      const scale = log(lines + 2) / Math.LN2;
      const expected = match.isNew || template.count < FEW ? sequences.likeliest(key) : undefined;
      const templateBits = sequences.score(match.id, match.isNew, key);
      const values = parameters.score(line, match);
      const usualText = withoutCursor(line.line);
      const word = words.add(usualText);
      const newWords = words.fresh;
      const hasNews = match.changed || values.novelty >= EXPECTED || newWords.length > 0;
      const unlike = texts.score({ line: usualText, message: line.message }, template, hasNews, lines);
      const parameterBits = match.isNew ? texts.messageBits : values.bits;
      const bits = templateBits + parameterBits;
      const burst = template.burst.add(time);
      const rush = template.rush.add(time);

      // the score, from its parts
      const kind = line.continues ? -record : match.id; // of a trace its record
      const before = alarms.latestOf(kind);
      const parts: ScoreParts = {
        unlike,
        unlikeBefore: before.unlike,
        rarityBefore: before.rarity,
        word,
        isNew: match.isNew ? 1 : 0,
        value: match.changed ? Math.max(values.novelty, log(template.count + 1) / Math.LN2) : values.novelty,
        burst: bursts.add(burst.bits),
        fatal: line.severity === 'critical' ? 1 : 0,
      };
      const score = scoreOf(parts);

      // whether it is an alarm
      const wording = line.continues ? -record : template.wording;
      const shape = line.continues ? -record : template.shape;
      const rarity = (log(lines / (template.count + 0.5)) / Math.LN2 / scale) * NEVER;
      const grave = line.severity === 'error' || line.severity === 'critical';
      const { learning, graves } = alarms; // before this line
      const exceeded = alarms.add(
        {
          kind,
          template: match.id,
          time,
          wording,
          record,
          shape,
          grave,
          trace: line.continues,
          isNew: match.isNew,
          far: values.far !== undefined,
          rush: line.continues ? 0 : rush.bits,
          score,
          unlike,
          rarity,
        },
        lines,
        rush,
      );
      template.count += 1;

      // and why
      const why = whyOf({
        isNew: match.isNew,
        count: template.count,
        before: burst.before,
        burstBits: burst.bits,
        elapsed: time - begun,
        exceeded,
        parts,
        grave,
        graves,
        lines,
        far: values.far,
        newWords: newWords.map(({ text }) => text),
        newValues: values.newValues,
        continues: line.continues,
        template: match.template,
        templateBits,
        expected: expected && { text: miner.template(expected.id), bits: expected.bits },
      });
      const scored: LineScore = {
        line: line.line,
        number: lines,
        format: line.format,
        time: line.time,
        severity: line.severity,
        record,
        template: match.id,
        templateText: match.template,
        isNew: match.isNew,
        bits,
        bitsPerCharacter: bits / (codePoints(line.line) + 1),
        templateBits,
        parameterBits,
        burstBits: burst.bits,
        score,
        parts,
        learning,
        strange: strangeParts(line, newWords, values.newValues, scale),
        why,
      };
      if (!exceeded && line.source === '' && line.text === line.line) return scored;
      const written = {
        line: line.line,
        ...(line.text !== line.line && { text: line.text }),
        ...(line.source !== '' && { origin: line.source }),
      };
      if (!exceeded) return { ...written, ...scored };
      const alarm = lineAlarmOf({
        exceeded,
        template: match.id,
        count: template.count,
        record,
        continues: line.continues,
        stream: [key, line.source, line.component],
        reasons: why.reasons,
        slots: values.strangeSlots,
      });
      return { ...written, ...scored, alarm };
    },
    state() {
      const { prior, known } = templates.state();
      return packed.pack({
        lines,
        time,
        begun,
        usual: texts.usual,
        prior,
        reader: reader.state(),
        components: scopes.components,
        miner: miner.state(),
        keys: sequences.recent(),
        known,
        alarms: alarms.state(),
      });
    },
  };
}
