import { callable } from '../check/callable.js';
import { isBytes } from '../check/isBytes.js';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { string } from '../check/string.js';
import { exp } from '../kernel/math/exp.js';
import { log } from '../kernel/math/log.js';
import { alarmRule, type AlarmRuleState } from './alarmRule.js';
import { burstModel, type BurstModel, type BurstPrior, type BurstState } from './burstModel.js';
import { characterCounts } from './characterCounts.js';
import { codePoints } from './codePoints.js';
import type { LineAlarm, LineScorer, ScoreParts, StrangePart } from './lineScore.js';
import type { LogFormat, LogLine } from './logRecord.js';
import { type FarNumber, numberModel } from './numberModel.js';
import { packState, unpackState } from './packState.js';
import { parameterModel } from './parameterModel.js';
import type { TemplateMinerState } from './parseMinerState.js';
import { recordReader, type RecordReaderState } from './recordReader.js';
import { strangeParts } from './strangeParts.js';
import { tailRarity } from './tailRarity.js';
import { type TemplateMatch, templateMiner } from './templateMiner.js';
import { templateModel } from './templateModel.js';
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
  /** The state of a scorer to continue, as its `state()` gave it. */
  readonly state?: Uint8Array | undefined;
}

/** What is known of a template beside its text. */
interface Known {
  count: number;
  /** Bits per character of its last line whose characters were read. */
  text: number;
  readonly burst: BurstModel;
}

/** What a state holds beside the arrays. */
interface Meta {
  readonly lines: number;
  readonly record: number;
  readonly time: number;
  readonly usual: number;
  readonly prior: BurstPrior;
  readonly reader: RecordReaderState;
  readonly miner: TemplateMinerState;
  readonly keys: readonly (readonly [string, readonly number[]])[];
  readonly known: readonly (readonly [id: number, count: number, text: number, burst: BurstState])[];
  readonly alarms: AlarmRuleState;
}

const BURST_INTERVAL = 1500; // milliseconds
const WITHOUT_STAMP = 150; // milliseconds between lines without a stamp
// Characters are read of the first lines of a template, of some later ones, and where words or values are new.
const FAMILIAR = 16;
const READ_EVERY = 16;
const EXPECTED = 3; // bits of a new value
const RARE = 1 / 64; // share of errors up to which one is a reason
const FAR_BITS = 5; // bits from which a number is a reason
const USUAL = 1; // weighed parts of a usual line
const SPREAD = 1.4; // so that lines of a new template score about 10
const NEVER = 11; // rarity of such a template, whatever the length of the log
const MEMORY = 2000; // lines whose mean is the usual one
const TRACE = 'trace';

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
 * new value is in its slot, and how far a number is from those before it there; and how rare it is that so many of its kind
 * come within 1.5 s (Poisson counts with a Gamma prior, by the log's own time stamps). The weights are those of a logistic
 * regression on logs with planted lines; a line of a new template scores about 10. Of a template that came often, the
 * characters are read only where words or values are new, and of every 16th line.
 *
 * An alarm is a score above that of all but one line in `oneIn`, or a mean of the last ten lines that is, those of one kind
 * counted; lines that the log calls errors are of one kind, and their scores count for more the rarer such lines were so
 * far. The lines after an alarm that are like it do not count as usual.
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
    format: optional(oneOf('json', 'otlp', 'logfmt', 'syslog3164', 'syslog5424', 'access', 'plain')),
    oneIn: optional(positiveInteger),
    warmUp: optional(positiveInteger),
    maxTemplates: optional(positiveInteger),
    clock: optional(callable),
    state: optional(isBytes),
  });
  const { format, oneIn = 1000, warmUp = 250, maxTemplates, clock } = given;
  if (given.state && maxTemplates !== undefined) {
    throw new TypeError('lineScorer: maxTemplates must be left out beside state, which has its own');
  }
  const characters = characterCounts();
  const words = wordCounts();
  const parameters = parameterModel();
  const numbers = numberModel();
  const bursts = tailRarity();
  const alarms = alarmRule(oneIn, warmUp);
  const sequences = templateModel();
  const arrays = {
    ...named('characters', characters.state),
    ...named('bursts', bursts.state),
    ...named('words', words.state),
    ...named('parameters', parameters.state),
    ...named('numbers', numbers.state),
    ...named('threshold', alarms.arrays.threshold),
    ...named('runs', alarms.arrays.runs),
    ...named('sequences', sequences.state),
  };
  const from = given.state && (unpackState('lineScorer', given.state, arrays) as Meta);
  if (from) {
    sequences.remember(from.keys);
    alarms.remember(from.alarms);
  }
  const reader = recordReader({ format, state: from?.reader });
  const miner = templateMiner(from ? { state: from.miner } : { maxTemplates });
  const prior: BurstPrior = { sum: from?.prior.sum ?? 0, count: from?.prior.count ?? 0 };
  const known = new Map<number, Known>();
  for (const [id, count, text, burst] of from?.known ?? []) {
    known.set(id, { count, text, burst: burstModel(BURST_INTERVAL, prior, burst) });
  }
  let lines = from?.lines ?? 0;
  let record = from?.record ?? 0; // where the present one begins
  let time = from?.time ?? 0;
  let usual = from?.usual ?? 0; // bits per character of the last lines

  let newest = 0; // bits of the value that was least to be expected in its slot

  function parameterBits(line: LogLine, match: TemplateMatch, to: string[]): number {
    let bits = 0;
    newest = 0;
    numbers.begin();
    const score = (slot: number, value: string, kind: TemplateMatch['kinds'][number]): void => {
      bits += parameters.score(slot, value, kind);
      newest = Math.max(newest, parameters.novelty + (kind === 'number' ? numbers.score(slot, value) : 0));
      if (parameters.isNew && to.length < 8) to.push(value);
    };
    match.parameters.forEach((value, i) => score(slotOf(match.id, match.slots[i]!), value, match.kinds[i]!));
    line.fields.forEach(([name, value]) => {
      score(slotOf(match.id, hashOf(name)), value, /\d/.test(value) ? 'number' : 'word');
    });
    return bits;
  }
  function timeOf(line: LogLine): number {
    time = line.time ?? clock?.() ?? time + WITHOUT_STAMP;
    return time;
  }
  function knownOf({ id, dropped }: TemplateMatch): Known {
    if (dropped !== undefined) known.delete(dropped);
    let found = known.get(id);
    if (!found) known.set(id, (found = { count: 0, text: 0, burst: burstModel(BURST_INTERVAL, prior) }));
    return found;
  }

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
      const line = reader.read(text);
      lines += 1;
      if (!line.continues) record = lines;
      const scope = scopeOf(line);
      const match = miner.match(line.message, scope);
      const of = knownOf(match);
      const scale = log(lines + 2) / Math.LN2;
      const expected = match.isNew || of.count < 3 ? sequences.likeliest(key) : undefined;
      const templateBits = sequences.score(match.id, match.isNew, key);
      const newValues: string[] = [];
      const from = line.line.endsWith(line.message) ? line.line.length - line.message.length : 0;
      const ofValues = parameterBits(line, match, newValues);
      const word = words.add(line.line);
      const usualText = !match.changed && newest < EXPECTED && words.fresh.length === 0;
      if (of.count < FAMILIAR || of.count % READ_EVERY === 0 || !usualText) of.text = characters.add(line.line, from);
      const bitsOfParameters = match.isNew ? characters.bits : ofValues;
      const rarity = (bitsOfRarity(of.count) / scale) * NEVER;
      const { before: cameBefore, bits: burstBits } = of.burst.add(timeOf(line));
      const unlike = of.text - usual;
      usual += unlike / Math.min(lines, MEMORY);
      const kind = line.continues ? -record : match.id;
      const shape = line.continues ? -record : shapeOf(match.template, scope);
      const before = alarms.latestOf(kind);
      const parts: ScoreParts = {
        unlike,
        unlikeBefore: before.unlike,
        rarityBefore: before.rarity,
        word,
        isNew: match.isNew ? 1 : 0,
        value: match.changed ? Math.max(newest, log(of.count + 1) / Math.LN2) : newest,
        burst: bursts.add(burstBits),
      };
      const score = scoreOf(parts);
      const learning = alarms.learning;
      const grave = line.severity === 'error' || line.severity === 'critical';
      const graves = alarms.graves;
      const exceeded = alarms.add({ kind, shape, grave, score, unlike, rarity }, lines);
      of.count += 1;

      const bits = templateBits + bitsOfParameters;
      const alarm: LineAlarm | undefined = exceeded && {
        kind: exceeded.byItself ? 'line' : 'burst',
        score: exceeded.score,
        threshold: exceeded.threshold,
        key: line.continues ? TRACE : `template ${match.id}`,
        since: line.continues ? record : exceeded.since,
      };
      const strange: StrangePart[] = strangeParts(line.line, words.fresh, newValues, scale);
      return {
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
        parameterBits: bitsOfParameters,
        burstBits,
        score,
        parts,
        learning,
        strange,
        why: {
          expected: expected ? (miner.template(expected.id) ?? null) : match.template,
          expectedBits: expected?.bits ?? templateBits,
          seen: match.template,
          newWords: words.fresh.map(({ text }) => text),
          reasons: reasonsOf(
            match,
            of.count,
            {
              before: cameBefore,
              burstBits,
              rarest: words.fresh.length > 0,
              far: numbers.farthest,
              graves: grave && graves < RARE * lines ? graves : undefined,
              lines,
            },
            line.continues,
          ),
        },
        ...(alarm && { alarm }),
      };
    },
    state: () => {
      const meta: Meta = {
        lines,
        record,
        time,
        usual,
        prior,
        reader: reader.state(),
        miner: miner.state(),
        keys: sequences.recent(),
        known: Array.from(known, ([id, { count, text, burst }]) => [id, count, text, burst.state()] as const),
        alarms: alarms.state(),
      };
      return packState(meta, arrays);
    },
  };

  /** Bits of what came in so many of the lines before this one. */
  function bitsOfRarity(count: number): number {
    return log(lines / (count + 0.5)) / Math.LN2;
  }
}

/** Weights of a logistic regression: `test/bench/tasks/fitScore.ts` of the repository prints them. */
function scoreOf({ unlike, unlikeBefore, rarityBefore, word, isNew, value, burst }: ScoreParts): number {
  const sum =
    0.57 * unlike + 0.35 * unlikeBefore + 0.23 * rarityBefore + 0.17 * word + 3.8 * isNew + 0.5 * burst + 0.7 * value;
  const x = SPREAD * (sum - USUAL);
  return x > 30 ? x : log(1 + exp(x));
}

/** Lines of other severity or component are of other templates, and so are those of traces. */
function scopeOf({ continues, severity, component }: LogLine): string {
  if (continues) return TRACE;
  return `${severity ?? ''}|${/\d/.test(component) ? component.replaceAll(/\d+/g, '#') : component}`;
}

/** What lines have in common that differ in few words: scope, number of tokens and the first one. */
function shapeOf(template: string, scope: string): number {
  let tokens = 1;
  for (let at = template.indexOf(' '); at >= 0; at = template.indexOf(' ', at + 1)) tokens += 1;
  const first = template.indexOf(' ');
  return hashOf(`${scope} ${tokens} ${first < 0 ? '' : template.slice(0, first)}`);
}

/** What a line has that may be a reason. */
interface Seen {
  /** Lines of its template just before it, and bits of so many. */
  readonly before: number;
  readonly burstBits: number;
  /** Whether a word is new. */
  readonly rarest: boolean;
  readonly far: FarNumber | undefined;
  /** Errors before it, where it is one and they are rare. */
  readonly graves: number | undefined;
  readonly lines: number;
}

function reasonsOf(
  match: TemplateMatch,
  count: number,
  { before, burstBits, rarest, far, graves, lines }: Seen,
  continues: boolean,
): string[] {
  const reasons: string[] = [];
  if (match.isNew) reasons.push('new template');
  else if (count === 2) reasons.push('template came once before');
  else if (count < 10) reasons.push(`template came ${count - 1} times before`);
  if (before >= 4 && burstBits > 8) reasons.push(`burst: ${before + 1} within 1.5 s`);
  if (graves === 0) reasons.push(lines === 1 ? 'first error' : `first error in ${lines} lines`);
  else if (graves !== undefined) reasons.push(`${graves} ${graves === 1 ? 'error' : 'errors'} in ${lines - 1} lines before`); // prettier-ignore
  if (far && far.bits > FAR_BITS) reasons.push(`number ${far.text}, before ${shown(far.low)} to ${shown(far.high)}`);
  if (rarest) reasons.push('new words');
  if (continues) reasons.push('continues a trace');
  return reasons;
}

function shown(number: number): string {
  return String(Number(number.toPrecision(6)));
}

function slotOf(id: number, slot: number): number {
  const hash = Math.imul(id + 1, 0x2c1b3c6d) ^ Math.imul(slot + 1, 0x297a2d39);
  return (hash ^ (hash >>> 15)) | 0;
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 8;
}

function named<T>(prefix: string, arrays: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${prefix}.${name}`, array]));
}
