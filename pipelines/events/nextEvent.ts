import { from, lastValueFrom, type MonoTypeOperatorFunction, NEVER, type Observable, pipe, takeUntil, tap } from 'rxjs';
import {
  accuracy,
  adam,
  cosineDecay,
  crossEntropy,
  dropout,
  type Epoch,
  embedColumn,
  epochs,
  evaluate,
  jointLoss,
  keepBest,
  type Layer,
  linear,
  lstm,
  type LossEvaluation,
  measure,
  type Measured,
  type Measures,
  type Model,
  type Numbers,
  ofHead,
  pull,
  seeded,
  sequential,
  shuffleIterable,
  squaredError,
  train,
  unlimited,
  type ValidatedStep,
  validate,
  yielding,
} from '../../src/index.js';
import type { CaseEvent } from './cases.js';
import { features, LANES, WIDTH, windowsOf } from './caseWindows.js';
import { ensemble, ensembleOf, type EnsembleOptions } from './ensemble.js';
import { learnInTurn } from './learnInTurn.js';

/** How a model of cases is trained. */
export interface NextEventOptions {
  readonly hidden: number;
  readonly epochs: number;
  readonly seed: number;
  /** Ends the learning early. */
  readonly stop$?: Observable<unknown>;
  /** Looks at the passes of each network, of which there are `networks`. */
  watch(network: number, networks: number): MonoTypeOperatorFunction<CasePass>;
}

/** A pass over the cases, and how well the held-out ones were predicted after it. */
type CasePass = Epoch & ValidatedStep<{ readonly loss: number; readonly accuracy: number }>;

/** How often the prediction of the next event was right, after each prefix of two events and more. */
export interface NextEventAccuracy {
  /** Where another event came; the end of the case may be predicted, wrongly. Tax et al. count in this way. */
  readonly accuracy: number;
  /** There, too: the likeliest of the events, the end of the case left out. */
  readonly endLeftOut: number;
  readonly predictions: number;
  /** Everywhere, the end of a case as an event of its own. */
  readonly withEnd: number;
  readonly predictionsWithEnd: number;
}

/** A model of cases. */
export interface NextEventModel {
  readonly model: Model;
  /** The events that it knows: tokens from 1 up; 0 is the end, the last any other. */
  readonly names: readonly string[];
}

/** Networks of a model, each with a tenth of the cases of its own held out. */
const NETWORKS = 5;
const HELD = 10;

/**
 * Learns the next event of a case and the time until then, from its events and their times. The model is the mean of five
 * networks; for each of them another tenth of the cases decides which pass was the best.
 */
export async function nextEvent(
  learning: readonly (readonly CaseEvent[])[],
  { stop$ = NEVER, watch, ...options }: NextEventOptions,
): Promise<NextEventModel> {
  const names = [...new Set(learning.flat().map(({ event }) => event))].toSorted();
  const size = names.length + 2; // the end, and those that were never seen
  const cases = seeded(options.seed).shuffle(learning.map(rowsOf(names)));
  const networks = Math.min(NETWORKS, cases.length);
  const models = await learnInTurn({ networks, of: 'cases', stop$ }, (n, stop$, partial) => {
    const held = cases.filter((_, i) => i % HELD === n);
    const others = cases.filter((_, i) => i % HELD !== n);
    const seed = `${options.seed} ${n}`;
    return learnNetwork(others, held, { ...options, seed, size, stop$, partial, watch: watch(n + 1, networks) });
  });
  const model = ensembleOf(models, (networks) => caseNetworks({ networks, size, hidden: options.hidden }));
  for (const each of models) each.dispose();
  return { model, names };
}

/** A layer of networks of cases; its output is the mean of theirs. */
export function caseNetworks(options: EnsembleOptions): Layer {
  return ensemble('caseNetworks', options, layersOf);
}

function layersOf(size: number, hidden: number): Record<string, Layer> {
  return {
    events: embedColumn({ inputSize: WIDTH, tokens: size, embeddingSize: 8 }),
    lstm: lstm({ inputSize: WIDTH - 1 + 8, hiddenSize: hidden }),
    dropout: dropout({ size: hidden, rate: 0.3 }),
    heads: linear({ inputSize: hidden, outputSize: size + 1 }),
  };
}

/** How one network is trained. */
interface NetworkOptions {
  readonly size: number;
  readonly hidden: number;
  readonly epochs: number;
  readonly seed: string;
  readonly stop$: Observable<unknown>;
  /** Keeps what was learned until a stop within the first pass. */
  readonly partial: boolean;
  readonly watch: MonoTypeOperatorFunction<CasePass>;
}

/** A network as it was after its best pass; undefined where it was ended before the first, unless `partial`. */
async function learnNetwork(
  cases: number[][][],
  held: number[][][],
  { size, hidden, epochs: count, seed, stop$, partial, watch }: NetworkOptions,
): Promise<Model | undefined> {
  const random = seeded(seed);
  const model = sequential(layersOf(size, hidden), { random });
  const { loss, measures } = joint(size);
  const learningRate = cosineDecay({ learningRate: 0.004, steps: Math.ceil(cases.length / LANES) * count });
  let isLearned = false;
  const learn = pipe(
    train(model, { optimizer: adam({ learningRate }), loss, dropoutRandom: random }),
    tap(() => (isLearned = isLearned || partial)),
  );
  const passes$ = pull(() => shuffleIterable(cases, { size: 10_000, random }), yielding(unlimited)).pipe(
    windowsOf({ from: 1 }),
    epochs(learn, { count }),
    validate(model, from(held).pipe(windowsOf({ from: 1 })), { every: 1, loss, measures }),
    takeUntil(stop$),
    keepBest(model, { by: ({ heads }) => heads!['event']!.loss }),
    watch,
  );
  const last = await lastValueFrom(passes$, { defaultValue: undefined });
  return last || isLearned ? model : undefined;
}

/** Counts on cases how often a model foresees the next event. */
export async function nextEventAccuracy(
  { model, names }: NextEventModel,
  testing: readonly (readonly CaseEvent[])[],
): Promise<NextEventAccuracy> {
  const { loss, measures } = joint(names.length + 2);
  const test = testing.map(rowsOf(names));
  const anEvent = ofHead(
    'event',
    measure('event', ({ output, target }) => Number(likeliestEvent(output) === target)),
  );
  const within = await scored({ accuracy: ofHead('event', accuracy()), anEvent }, false);
  const all = await scored(measures, true);
  return {
    accuracy: within.accuracy,
    endLeftOut: within.anEvent,
    predictions: within.tokens / 2, // the head of the time counts, too
    withEnd: all.accuracy,
    predictionsWithEnd: all.tokens / 2,
  };

  function scored<M extends Measures>(measures: M, end: boolean): Promise<Measured<LossEvaluation, M>> {
    return lastValueFrom(from(test).pipe(windowsOf({ from: 2, end }), evaluate(model, { loss, measures })));
  }
}

/** The loss of both heads, and whether the event was right; `size` is how many events there are. */
function joint(size: number) {
  const loss = jointLoss({
    event: { outputs: size, targets: 'token', loss: crossEntropy() },
    time: { outputs: 1, loss: squaredError(), weight: 0.1 },
  });
  return { loss, measures: { accuracy: ofHead('event', accuracy()) } };
}

/** The rows of a case, whose events are tokens by their names. */
export function rowsOf(names: readonly string[]): (events: readonly CaseEvent[]) => number[][] {
  const tokens = new Map(names.map((name, i) => [name, i + 1]));
  return (events) => features(events, (name) => tokens.get(name) ?? names.length + 1);
}

/** The token with the highest output but for the end. */
function likeliestEvent(output: Numbers): number {
  let best = 1;
  for (let token = 2; token < output.length; token++) if (output[token]! > output[best]!) best = token;
  return best;
}
