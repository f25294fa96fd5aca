// Finds sessions of events that are unlike normal ones, or foresees the next event. It learns what usually follows what;
// with --next it counts how often it foresees the next event of a case.
import { filter, lastValueFrom, map, NEVER, tap, toArray } from 'rxjs';
import { bundledFile, lines, seeded, visible } from '../src/index.js';
import { amount } from './cli/amount.js';
import { checkOverwrite } from './cli/checkOverwrite.js';
import { checkWritable } from './cli/checkWritable.js';
import { command, UsageError } from './cli/command.js';
import { interrupted } from './cli/interrupted.js';
import { safeJson } from './cli/safeJson.js';
import { say as sayWrapped } from './cli/say.js';
import { warnUnsaved } from './cli/warnUnsaved.js';
import { type CaseEvent, readCases } from './events/cases.js';
import { countedNext } from './events/countedNext.js';
import {
  checkNames,
  LAYERS,
  loadNextEvent,
  loadScore,
  saveNextEvent,
  saveScore,
  type SavedScore,
} from './events/eventsFile.js';
import { type LikelyNext, likelyNext } from './events/likelyNext.js';
import { neverSeen } from './events/neverSeen.js';
import { nextEvent, nextEventAccuracy, type NextEventModel } from './events/nextEvent.js';
import { scoresOf, sessionScore } from './events/sessionScore.js';

const dataFile = (name: string): string => bundledFile(`events/${name}.txt`);

/** The options that only one of the two kinds of run has, and those of learning. */
const OF_SESSIONS = ['train', 'normal', 'abnormal', 'scan', 'score', 'false-alarms'];
const OF_CASES = ['data', 'case', 'event', 'time', 'predict'];
const OF_LEARNING = ['train', 'score', 'false-alarms', 'hidden', 'epochs', 'seed', 'out', 'force'];

await command(import.meta.url, {
  about: `Learns normal sessions of events, chooses a threshold from normal sessions alone, and counts how many others it
tells apart, or with --scan prints the strange ones of a file. With --next it learns two thirds of the cases of a CSV
file and foresees the next event of the others. Several networks learn in turn, six or with --next five, and what
counts is their mean.`,
  saves: true,
  options: {
    train: { kind: 'text', value: 'FILE', help: 'normal sessions to learn, a line each (data/events/train.txt)' },
    normal: { kind: 'text', value: 'FILE', help: 'normal sessions to test with (data/events/normal.txt)' },
    abnormal: { kind: 'text', value: 'FILE', help: 'abnormal sessions to test with (data/events/abnormal.txt)' },
    scan: { kind: 'text', value: 'FILE', help: 'instead of a test: sessions of which the strange ones are printed' },
    score: {
      kind: 'text',
      choices: ['surprise', 'mixed'],
      help: 'the rank of the least expected event, or that and the counts of events',
      initial: 'surprise',
    },
    'false-alarms': {
      kind: 'number',
      help: 'share of held-out normal sessions above the threshold (0.003; 0.0005 for mixed)',
      below: 1,
    },
    next: { kind: 'flag', help: 'predict the next event of the cases of --data' },
    data: { kind: 'text', value: 'FILE', help: 'with --next: a CSV file of events' },
    case: { kind: 'text', value: 'COLUMN', help: 'with --next: the column of the case', initial: 'case' },
    event: { kind: 'text', value: 'COLUMN', help: 'with --next: the column of the event', initial: 'event' },
    time: {
      kind: 'text',
      value: 'COLUMN',
      help: 'with --next: that of the time: dates, or s or ms since 1970',
      initial: 'time',
    },
    predict: { kind: 'flag', help: 'with --next: print the likeliest next events of each case, instead of counting' },
    hidden: { kind: 'count', help: 'hidden units', initial: 64, most: 4096 },
    epochs: { kind: 'count', help: 'passes of each network over what it learns; 60, or 30 with --next' },
    out: { kind: 'text', value: 'FILE', help: 'file to save what was learned in, for --model, also on Ctrl-C' },
    force: { kind: 'flag', help: 'overwrite the file of --out even where it holds something else' },
    model: { kind: 'text', value: 'FILE', help: 'what --out has saved, instead of learning' },
    seed: { kind: 'seed', help: 'seed of the weights and of the order', initial: 0 },
    json: { kind: 'flag', help: 'print one JSON object per line and nothing else' },
  },
  async run({ next, predict, data, json, hidden, seed, out, model, ...options }, _, typed) {
    for (const name of next ? OF_SESSIONS : OF_CASES) {
      if (typed.has(name)) throw new UsageError(`--${name}: is ${next ? 'not ' : ''}for --next`);
    }
    const without = model === undefined ? undefined : OF_LEARNING.find((name) => typed.has(name));
    if (without !== undefined) throw new UsageError(`--${without}: is not for --model, which learns nothing`);
    if (next && data === undefined) throw new UsageError('--next: needs --data FILE.csv');
    const own = ['train', 'normal', 'abnormal'].filter((name) => typed.has(name));
    if (options.scan !== undefined) {
      const tested = own.find((name) => name !== 'train');
      if (tested !== undefined) throw new UsageError(`--${tested}: is for a test, and --scan is none`);
    } else if (model === undefined && own.length > 0 && own.length < 3) {
      throw new UsageError(`--${own.join(' and --')}: give --train, --normal and --abnormal, or --train and --scan`);
    }
    const { train = dataFile('train'), normal = dataFile('normal'), abnormal = dataFile('abnormal') } = options;
    const learned = next ? data! : train;
    if (out !== undefined) {
      checkWritable(out);
      if (!options.force) checkOverwrite(out, { data: learned }, LAYERS);
    }
    let stopped = false;
    const stop$ =
      out === undefined ? NEVER : interrupted({ say: 'saving what was learned' }).pipe(tap(() => (stopped = true)));
    if (!json && out === undefined && model === undefined) warnUnsaved();
    if (next) await foresee(data!);
    else await tellApart();

    function say(text: string): void {
      if (!json) sayWrapped(visible(text));
    }

    async function tellApart(): Promise<void> {
      if (options.scan !== undefined) return scan(options.scan);
      const [good, bad] = [await readSessions(normal), await readSessions(abnormal)]; // a bad file is refused first
      const learning = model === undefined ? await readSessions(train) : undefined; // a model does not hold them
      const score = learning ? await learnScore(learning, `${good.length} + ${bad.length} to test`) : loadScore(model!);
      if (stopped) return;
      const encode = encoder(score.names);
      const above = async (sessions: string[][]): Promise<number> =>
        (await scoresOf(score, encode(sessions))).filter((value) => value > score.threshold).length;
      const found = figuresOf(await above(good), await above(bad), good.length, bad.length);
      if (!learning) return report(found, score);
      const isNew = neverSeen(learning);
      const counted = figuresOf(good.filter(isNew).length, bad.filter(isNew).length, good.length, bad.length);
      report(found, score, counted);
    }

    async function scan(path: string): Promise<void> {
      const found = await numberedSessions(path);
      const score =
        model === undefined ? await learnScore(await readSessions(train), `${found.length} to scan`) : loadScore(model);
      if (stopped) return;
      const scores = await scoresOf(score, encoder(score.names)(found.map(({ session }) => session)));
      let strange = 0;
      for (const [i, { line, session }] of found.entries()) {
        const isStrange = scores[i]! > score.threshold;
        if (isStrange) strange += 1;
        if (json) console.log(safeJson({ line, score: scores[i], strange: isStrange }));
        else if (isStrange)
          console.log(`line ${line}, ${shown(scores[i]!, score)}: ${visible(session.join(' '), { most: 200 })}`);
      }
      if (json) return;
      console.log(`${strange} of ${amount(found.length, 'session')} strange, above ${shown(score.threshold, score)}`);
    }

    async function learnScore(learning: string[][], then: string): Promise<SavedScore> {
      if (learning.length < 2) {
        throw new Error(`${train}: needs at least two sessions, one of them to choose the threshold by, got one`);
      }
      const names = [...new Set(learning.flat())].toSorted();
      if (out !== undefined) checkNames(train, names);
      const count = options.epochs ?? 60;
      const mixed = options.score === 'mixed';
      say(
        `${amount(learning.length, 'session')} of ${amount(names.length, 'kind of event', 'kinds of events')} to learn, ${then}`,
      );
      const found = await sessionScore(seeded(seed).shuffle(encoder(names)(learning)), {
        keys: names.length + 2,
        hidden,
        seed,
        rate: options['false-alarms'] ?? (mixed ? 0.0005 : 0.003),
        epochs: count,
        mixed,
        stop$,
        watch: (network, networks) =>
          tap(({ epoch, loss }) => {
            if (json) console.log(JSON.stringify({ network, epoch, loss }));
            else if (epoch % 20 === 0 || epoch === count)
              say(`network ${network} of ${networks}: pass ${epoch} of ${count}, ${loss.toFixed(3)} nats per event`);
          }),
      });
      const score = { ...found, names };
      if (out !== undefined) saveScore(out, { ...score, hidden }, { data: train, seed, score: options.score, stopped });
      if (out !== undefined) say(`saved in ${out}`);
      return score;
    }

    function report(found: Figures, score: SavedScore, counted?: Figures): void {
      const { threshold } = score;
      if (json) {
        const { f1, precision, recall, falseAlarms } = found;
        const beside = counted && {
          counting: { f1: counted.f1, precision: counted.precision, recall: counted.recall },
        };
        return console.log(JSON.stringify({ f1, precision, recall, falseAlarms, threshold, ...beside }));
      }
      const { hits, bad, alarms, good } = found;
      console.log(`${hits} of ${bad} abnormal sessions found, ${amount(alarms, 'false alarm')} in ${good} normal ones`);
      console.log(`${figuresText(found)}, threshold ${shown(threshold, score)}`);
      if (!counted) return;
      console.log(`beside it, a pair of events in a row or a length that was never seen: ${figuresText(counted)}`);
      if (counted.f1 >= found.f1) console.log('that is at least as good here: counting needs no network');
    }

    async function foresee(path: string): Promise<void> {
      const { case: caseColumn, event, time } = options;
      const { names, cases, moved } = await readCases(path, { case: caseColumn, event, time });
      if (moved > 0) {
        const what = amount(moved, 'event was', 'events were');
        console.error(`${what} after a later one of the same case: they are put in the order of ${visible(time)}`);
      }
      const cut = model === undefined ? 2 * Math.round(cases.length / 3) : 0;
      const saved = model === undefined ? undefined : loadNextEvent(model);
      const learning = cases.slice(0, cut);
      if (out !== undefined) checkNames(path, new Set(learning.flat().map(({ event }) => event)));
      if (saved === undefined) say(`${amount(cut, 'case')} to learn, ${cases.length - cut} to test`);
      const learned = saved ?? (await learnNext(learning));
      if (stopped) return;
      if (predict) return print(names, cases, await likelyNext(learned, cases));
      const found = await nextEventAccuracy(learned, cases.slice(cut));
      const counted = cut === 0 ? undefined : countedNext(learning, cases.slice(cut));
      if (json) return console.log(safeJson({ ...found, ...(counted && { counting: counted }) }));
      console.log(`${(100 * found.accuracy).toFixed(2)} % of ${found.predictions} next events predicted`);
      console.log(`${(100 * found.endLeftOut).toFixed(2)} % of them where the end of the case is left out`);
      console.log(`${(100 * found.withEnd).toFixed(2)} % of ${found.predictionsWithEnd} with the ends of cases`);
      if (!counted) return;
      const [left, all] = [counted.endLeftOut, counted.withEnd].map((share) => (100 * share).toFixed(2));
      console.log(`beside it, what most often came after the last event: ${left} %, with the ends ${all} %`);
      if (counted.withEnd >= found.withEnd) console.log('that is at least as good here: counting needs no network');
    }

    function print(names: readonly string[], cases: CaseEvent[][], found: LikelyNext[][]): void {
      for (const [i, next] of found.entries()) {
        const { event: last } = cases[i]!.at(-1)!;
        if (json) console.log(safeJson({ case: names[i], last, next }));
        else console.log(visible(`${names[i]}: after ${last} ${next.map(likelyText).join(', ')}`));
      }
    }

    async function learnNext(cases: CaseEvent[][]): Promise<NextEventModel> {
      const count = options.epochs ?? 30;
      const found = await nextEvent(cases, {
        hidden,
        seed,
        epochs: count,
        stop$,
        watch: (network, networks) =>
          tap(({ epoch, loss, validation }) => {
            if (json) console.log(JSON.stringify({ network, epoch, loss, validation }));
            else if (epoch % 10 === 0 || epoch === count) {
              const right = (100 * validation!.accuracy).toFixed(1);
              say(
                `network ${network} of ${networks}: pass ${epoch} of ${count}, loss ${loss.toFixed(3)}, held out ${right} % right`,
              );
            }
          }),
      });
      if (out !== undefined) saveNextEvent(out, found, { data, seed, cases: cases.length, stopped });
      if (out !== undefined) say(`saved in ${out}`);
      return found;
    }
  },
});

/** What a test has found. */
interface Figures extends Readonly<Record<'hits' | 'bad' | 'alarms' | 'good', number>> {
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  /** Share of the normal sessions. */
  readonly falseAlarms: number;
}

function figuresOf(alarms: number, hits: number, good: number, bad: number): Figures {
  const recall = hits / bad;
  const precision = hits + alarms > 0 ? hits / (hits + alarms) : 0;
  const f1 = hits > 0 ? (2 * precision * recall) / (precision + recall) : 0;
  return { hits, bad, alarms, good, f1, precision, recall, falseAlarms: alarms / good };
}

function figuresText({ f1, precision, recall }: Figures): string {
  return `F1 ${f1.toFixed(4)}, precision ${precision.toFixed(4)}, recall ${recall.toFixed(4)}`;
}

function likelyText({ event, probability }: LikelyNext): string {
  return `${event ?? 'the end'} (${(100 * probability).toFixed(1)} %)`;
}

/** Sessions as tokens: 0 is the end of a session, the last token an event that was never seen. */
function encoder(names: readonly string[]): (sessions: readonly (readonly string[])[]) => number[][] {
  const tokens = new Map(names.map((name, i) => [name, i + 1]));
  return (sessions) => sessions.map((session) => session.map((name) => tokens.get(name) ?? names.length + 1));
}

/** A score as text: the rank that its logarithm is of, or where counts are mixed in the number itself. */
function shown(score: number, { mixed }: SavedScore): string {
  return mixed ? score.toFixed(3) : `rank ${(2 ** score).toFixed(1)}`;
}

async function readSessions(path: string): Promise<string[][]> {
  return (await numberedSessions(path)).map(({ session }) => session);
}

/** The sessions of a file, a line each, with the numbers of their lines; lines without an event are passed over. */
async function numberedSessions(path: string): Promise<{ line: number; session: string[] }[]> {
  const session$ = lines(path).pipe(
    map((line, i) => ({ line: i + 1, session: line.split(/\s+/).filter((event) => event !== '') })),
    filter(({ session }) => session.length > 0),
    toArray(),
  );
  const sessions = await lastValueFrom(session$);
  if (sessions.length === 0) throw new Error(`${path}: holds no sessions`);
  return sessions;
}
