import { tap } from 'rxjs';
import { seeded, visible } from '../../src/index.js';
import { amount } from '../cli/amount.js';
import { print } from '../cli/print.js';
import { safeJson } from '../cli/safeJson.js';
import { say } from '../cli/say.js';
import { sayComplaint } from '../cli/sayComplaint.js';
import { suggest } from '../cli/suggest.js';
import { checkNames, loadScore, saveScore, type SavedScore } from './eventsFile.js';
import { type Figures, figuresOf, figuresText } from './figures.js';
import type { LearningOptions } from './learningOptions.js';
import { neverSeen } from './neverSeen.js';
import { LONGEST } from './longest.js';
import { readSessions } from './readSessions.js';
import { scoresOf, sessionScore } from './sessionScore.js';
import { unknownEvents } from './unknownEvents.js';

/** How sessions are learned, and which are tested. */
export interface TellApartOptions extends LearningOptions {
  readonly train: string;
  /** The files of a test; without them what was learned is only saved. */
  readonly normal: string | undefined;
  readonly abnormal: string | undefined;
  /** A file whose strange sessions are printed, instead of a test. */
  readonly scan: string | undefined;
  readonly score: 'surprise' | 'mixed';
  readonly 'false-alarms': number | undefined;
}

/**
 * Learns normal sessions, or loads what was learned, and counts how many of others it tells apart, or prints the strange
 * ones of a file.
 */
export async function tellApart({
  train,
  normal,
  abnormal,
  scan,
  out,
  model,
  json,
  stop$,
  ...options
}: TellApartOptions): Promise<void> {
  let stopped = false;
  const { hidden, seed } = options;
  if (scan !== undefined) return printStrange(scan);
  if (normal === undefined || abnormal === undefined) return learnOnly();
  const [good, bad] = [await sessionsOf(normal), await sessionsOf(abnormal)]; // a bad file is refused first
  const learning = model === undefined ? await sessionsOf(train, LONGEST) : undefined; // a model does not hold them
  const score = learning ? await learnScore(learning, `${good.length} + ${bad.length} to test`) : loadScore(model!);
  if (stopped) return;
  const encode = encoder(score.names);
  const never = unknownEvents(score.names, 'session');
  for (const session of [...good, ...bad]) never.add(session);
  if (!json) sayComplaint(never);
  const above = async (sessions: string[][]): Promise<number> =>
    (await scoresOf(score, encode(sessions))).filter((value) => value > score.threshold).length;
  const found = figuresOf(await above(good), await above(bad), good.length, bad.length);
  if (!learning) return report(found, score);
  const isNew = neverSeen(learning);
  const counted = figuresOf(good.filter(isNew).length, bad.filter(isNew).length, good.length, bad.length);
  report(found, score, counted);

  function tell(text: string): void {
    if (!json) say(visible(text));
  }

  async function learnOnly(): Promise<void> {
    const score = await learnScore(await sessionsOf(train, LONGEST), 'none to test');
    if (stopped) return;
    if (json) console.log(JSON.stringify({ threshold: score.threshold }));
    else suggest('to find strange sessions with it', 'events', '--model', out!, '--scan', train);
  }

  async function printStrange(path: string): Promise<void> {
    const found = await readSessions(path);
    const score =
      model === undefined
        ? await learnScore(await sessionsOf(train, LONGEST), `${found.length} to scan`)
        : loadScore(model);
    if (stopped) return;
    const scores = await scoresOf(score, encoder(score.names)(found.map(({ session }) => session)));
    const never = unknownEvents(score.names, 'session');
    let strange = 0;
    for (const [i, { line, session }] of found.entries()) {
      const isStrange = scores[i]! > score.threshold;
      if (isStrange) strange += 1;
      const unknown = never.add(session);
      if (json) console.log(safeJson({ line, score: scores[i], strange: isStrange, unknown }));
      else if (isStrange)
        print(`line ${line}, ${shown(scores[i]!, score)}: ${visible(session.join(' '), { most: 200 })}`);
    }
    if (json) return;
    sayComplaint(never);
    print(`${strange} of ${amount(found.length, 'session')} strange, above ${shown(score.threshold, score)}`);
  }

  async function learnScore(learning: string[][], then: string): Promise<SavedScore> {
    if (learning.length < 2) {
      throw new Error(`${train}: needs at least two sessions, one of them to choose the threshold by, got one`);
    }
    const names = [...new Set(learning.flat())].toSorted();
    if (out !== undefined) checkNames(train, names);
    const count = options.epochs ?? 60;
    const mixed = options.score === 'mixed';
    tell(
      `${amount(learning.length, 'session')} of ${amount(names.length, 'kind of event', 'kinds of events')} to learn, ${then}`,
    );
    const found = await sessionScore(seeded(seed).shuffle(encoder(names)(learning)), {
      keys: names.length + 2,
      hidden,
      seed,
      rate: options['false-alarms'] ?? (mixed ? 0.0005 : 0.003),
      epochs: count,
      mixed,
      stop$: stop$.pipe(tap(() => (stopped = true))),
      watch: (network, networks) =>
        tap(({ epoch, loss }) => {
          if (json) console.log(JSON.stringify({ network, epoch, loss }));
          else if (epoch % 20 === 0 || epoch === count)
            tell(`network ${network} of ${networks}: pass ${epoch} of ${count}, ${loss.toFixed(3)} nats per event`);
        }),
    });
    const score = { ...found, names };
    if (out !== undefined) saveScore(out, { ...score, hidden }, { data: train, seed, score: options.score, stopped });
    if (out !== undefined) tell(`saved in ${out}`);
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
    print(`${hits} of ${bad} abnormal sessions found, ${amount(alarms, 'false alarm')} in ${good} normal ones`);
    print(`${figuresText(found)}, threshold ${shown(threshold, score)}`);
    if (!counted) return;
    print(`beside it, a pair of events in a row or a length that was never seen: ${figuresText(counted)}`);
    if (counted.f1 < found.f1) return;
    const both = score.counted ? '' : '; --score mixed counts, too';
    print(`that is at least as good here: counting needs no network${both}`);
  }
}

/** Sessions as tokens: 0 is the end of a session, the last token an event that was never seen. */
function encoder(names: readonly string[]): (sessions: readonly (readonly string[])[]) => number[][] {
  const tokens = new Map(names.map((name, i) => [name, i + 1]));
  return (sessions) => sessions.map((session) => session.map((name) => tokens.get(name) ?? names.length + 1));
}

/** A score as text: the rank that its logarithm is of, or where counts are mixed in the number itself. */
function shown(score: number, { counted }: SavedScore): string {
  return counted ? score.toFixed(3) : `rank ${(2 ** score).toFixed(1)}`;
}

async function sessionsOf(path: string, most?: number): Promise<string[][]> {
  return (await readSessions(path, { most })).map(({ session }) => session);
}
