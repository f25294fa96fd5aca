import { tap } from 'rxjs';
import { visible } from '../../src/index.js';
import { amount } from '../cli/amount.js';
import { print } from '../cli/print.js';
import { safeJson } from '../cli/safeJson.js';
import { say } from '../cli/say.js';
import { sayComplaint } from '../cli/sayComplaint.js';
import { caseDigest } from './caseDigest.js';
import { type CaseColumns, type CaseEvent, readCases } from './cases.js';
import { countedNext } from './countedNext.js';
import { checkNames, loadNextEvent, type SavedNextEvent, saveNextEvent } from './eventsFile.js';
import type { LearningOptions } from './learningOptions.js';
import { likeliestNext } from './likeliestNext.js';
import { type LikelyNext, likelyNext } from './likelyNext.js';
import { nextEvent, nextEventAccuracy } from './nextEvent.js';
import { unknownEvents } from './unknownEvents.js';
import { checkLength } from '../cli/checkLength.js';
import { LONGEST } from './longest.js';

/** How cases are learned, and what is said of them. */
export interface ForeseeOptions extends CaseColumns, LearningOptions {
  /** Prints what may come next in each case, instead of counting. */
  readonly predict: boolean;
}

/**
 * Learns two thirds of the cases of a CSV file and counts how often it foresees the next event of the others, or prints
 * the likeliest next events of all.
 */
export async function foresee(
  path: string,
  { predict, out, model, json, stop$, hidden, seed, ...options }: ForeseeOptions,
): Promise<void> {
  let stopped = false;
  const { case: caseColumn, event, time } = options;
  const { names, cases, moved } = await readCases(path, { case: caseColumn, event, time });
  if (moved > 0) {
    const what = amount(moved, 'event was', 'events were');
    say(`${what} after a later one of the same case: they are put in the order of ${visible(time)}`);
  }
  const saved = model === undefined ? undefined : loadNextEvent(model);
  const cut = 2 * Math.round(cases.length / 3);
  if (saved === undefined) {
    for (const [i, { length }] of cases.slice(0, cut).entries())
      checkLength(`${path}: case ${names[i]!}`, amount(length, 'event'), length, LONGEST);
  }
  if (out !== undefined) checkNames(path, new Set(cases.slice(0, cut).flatMap((events) => events.map(({ event }) => event)))); // prettier-ignore
  const testing = saved === undefined ? cases.slice(cut) : predict ? cases : unlearned(saved);
  if (!predict && !testing.some(({ length }) => length > 2)) {
    throw new Error(
      `${path}: of ${amount(testing.length, 'case')} to test none has three events, so that there is nothing to count; --predict prints what may come next`,
    );
  }
  if (saved === undefined) tell(`${amount(cut, 'case')} to learn, ${testing.length} to test`);
  const known: SavedNextEvent = saved ?? (await learnNext(cases.slice(0, cut)));
  if (stopped) return;
  const never = unknownEvents(known.names, 'case');
  if (predict) return printNext(names, cases, await likelyNext(known, cases));
  for (const events of testing) never.add(events.map(({ event }) => event));
  if (!json) sayComplaint(never);
  const found = await nextEventAccuracy(known, testing);
  const counted = known.learned && countedNext(known.learned.likeliest, testing);
  if (json) return console.log(safeJson({ ...found, ...(counted && { counting: counted }) }));
  print(`right of ${found.predictions} next events: ${(100 * found.accuracy).toFixed(2)} %`);
  print(`right where the end of a case is never predicted: ${(100 * found.endLeftOut).toFixed(2)} %`);
  print(`right of ${found.predictionsWithEnd} with the ends of cases: ${(100 * found.withEnd).toFixed(2)} %`);
  if (!counted) return;
  const { accuracy, endLeftOut, withEnd } = counted;
  const [right, left, all] = [accuracy, endLeftOut, withEnd].map((share) => (100 * share).toFixed(2));
  print(
    `beside it, what most often came after the last event: ${right} %, ${left} % where the end is never predicted, ${all} % with the ends`,
  );
  if (counted.withEnd >= found.withEnd) print('that is at least as good here: counting needs no network');

  /** The cases that a model has not learned. */
  function unlearned({ learned }: SavedNextEvent): CaseEvent[][] {
    if (learned === undefined) {
      say(visible(`${model} does not say which cases it has learned: some of ${path} may be among them`));
      return cases;
    }
    const others = cases.filter((events, i) => !learned.digests.has(caseDigest(names[i]!, events)));
    const left = cases.length - others.length;
    if (others.length === 0) throw new Error(`${path}: --model has learned all of its cases: none is left to test`);
    if (left > 0) say(`${amount(left, 'case')} that --model has learned left out: ${others.length} to test`);
    return others;
  }

  function tell(text: string): void {
    if (!json) say(visible(text));
  }

  function printNext(names: readonly string[], cases: CaseEvent[][], found: LikelyNext[][]): void {
    for (const [i, next] of found.entries()) {
      const { event: last } = cases[i]!.at(-1)!;
      const unknown = never.add(cases[i]!.map(({ event }) => event));
      if (json) console.log(safeJson({ case: names[i], last, next, unknown }));
      else print(visible(`${names[i]}: after ${last} ${next.map(likelyText).join(', ')}`));
    }
    if (!json) sayComplaint(never);
  }

  async function learnNext(cases: CaseEvent[][]): Promise<SavedNextEvent> {
    const count = options.epochs ?? 30;
    const found = await nextEvent(cases, {
      hidden,
      seed,
      epochs: count,
      stop$: stop$.pipe(tap(() => (stopped = true))),
      watch: (network, networks) =>
        tap(({ epoch, loss, validation }) => {
          if (json) console.log(JSON.stringify({ network, epoch, loss, validation }));
          else if (epoch % 10 === 0 || epoch === count) {
            const right = (100 * validation!.accuracy).toFixed(1);
            tell(
              `network ${network} of ${networks}: pass ${epoch} of ${count}, loss ${loss.toFixed(3)}, held out ${right} % right`,
            );
          }
        }),
    });
    const learned = {
      digests: new Set(cases.map((events, i) => caseDigest(names[i]!, events))),
      likeliest: likeliestNext(cases),
    };
    if (out !== undefined)
      saveNextEvent(out, { ...found, learned }, { data: path, seed, cases: cases.length, stopped });
    if (out !== undefined) tell(`saved in ${out}`);
    return { ...found, learned };
  }
}

function likelyText({ event, probability }: LikelyNext): string {
  return `${event ?? 'the end'} (${(100 * probability).toFixed(1)} %)`;
}
