import {
  lastValueFrom,
  type MonoTypeOperatorFunction,
  NEVER,
  type Observable,
  pipe,
  takeUntil,
  tap,
  toArray,
} from 'rxjs';
import {
  adam,
  cosineDecay,
  embedding,
  type Epoch,
  epochs,
  type Layer,
  linear,
  lstm,
  type Model,
  pull,
  seeded,
  sequences,
  sequential,
  shuffleIterable,
  surprisalBySequence,
  type Token,
  train,
  unlimited,
  yielding,
} from '../../src/index.js';
import { ensemble, type EnsembleOptions, membersOf } from './ensemble.js';

/** The end of a session, a key of its own. */
const END: Token = 0;

/** How a model of sessions is trained. */
export interface SessionModelOptions {
  readonly keys: number;
  readonly hidden: number;
  readonly epochs: number;
  /** What the weights and the order are drawn from. */
  readonly seed: number | string;
  /** Ends the learning early. */
  readonly stop$?: Observable<unknown>;
  /** Keeps what was learned until a stop within the first pass; false by default. */
  readonly partial?: boolean;
  /** Looks at each pass. */
  readonly watch: MonoTypeOperatorFunction<Epoch>;
}

/**
 * Learns the next key of sessions. Equal sessions are learned once: what is rare among the normal is as normal as what is
 * frequent. Undefined where it was ended before the first pass, unless `partial`.
 */
export async function learnSessions(
  sessions: readonly (readonly Token[])[],
  { keys, hidden, epochs: count, seed, stop$ = NEVER, partial = false, watch }: SessionModelOptions,
): Promise<Model | undefined> {
  const random = seeded(seed);
  const model = sequential(layersOf(keys, hidden), { random });
  const distinct = distinctOf(sessions);
  const lanes = 32;
  const learningRate = cosineDecay({ learningRate: 0.005, steps: Math.ceil(distinct.length / lanes) * count });
  let isLearned = false;
  const learn = pipe(
    train(model, { optimizer: adam({ learningRate }) }),
    tap(() => (isLearned = isLearned || partial)),
  );
  const passes$ = pull(() => shuffleIterable(distinct, { size: 10_000, random }), yielding(unlimited)).pipe(
    sequences({ end: END, lanes }),
    epochs(learn, { count }),
    takeUntil(stop$),
    watch,
  );
  const last = await lastValueFrom(passes$, { defaultValue: undefined });
  return last || isLearned ? model : undefined;
}

/** A layer of networks that `learnSessions` has taught: with it they are one model, and one file. */
export function sessionNetworks(options: EnsembleOptions): Layer {
  return ensemble('sessionNetworks', options, layersOf);
}

/** The networks of such a layer, each as a model of its own. */
export function sessionNetworksOf(model: Model): Model[] {
  return membersOf(model, layersOf);
}

/**
 * How strange a network takes each session to be, in bits: the logarithm of the highest rank of a key, its end included, 0
 * where it predicted every key. DeepLog (Du et al., 2017) compares that rank with a fixed number.
 */
export async function logRanks(model: Model, sessions: readonly (readonly Token[])[]): Promise<number[]> {
  const distinct = distinctOf(sessions).toSorted((a, b) => a.length - b.length);
  const scored$ = pull(distinct, yielding(unlimited)).pipe(
    surprisalBySequence(model, { end: END, lanes: 64 }),
    toArray(),
  );
  const highest = new Map<string, number>();
  for (const { item, surprisals } of await lastValueFrom(scored$)) {
    highest.set(item.join(' '), Math.log2(surprisals.reduce((most, { rank }) => Math.max(most, rank), 1)));
  }
  return sessions.map((session) => highest.get(session.join(' '))!);
}

function layersOf(keys: number, hidden: number): Record<string, Layer> {
  return {
    embedding: embedding({ inputSize: keys, outputSize: 16 }),
    lstm: lstm({ inputSize: 16, hiddenSize: hidden }),
    linear: linear({ inputSize: hidden, outputSize: keys }),
  };
}

function distinctOf(sessions: readonly (readonly Token[])[]): (readonly Token[])[] {
  return [...new Map(sessions.map((session) => [session.join(' '), session])).values()];
}
