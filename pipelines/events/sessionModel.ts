import { from, lastValueFrom, type MonoTypeOperatorFunction, NEVER, type Observable, takeUntil, toArray } from 'rxjs';
import {
  adam,
  cosineDecay,
  embedding,
  type Epoch,
  epochs,
  linear,
  lstm,
  type Model,
  pull,
  seeded,
  sequences,
  sequential,
  shuffle,
  surprisalBySequence,
  type Token,
  train,
  unlimited,
  yielding,
} from '../../src/index.js';

/** The end of a session, a key of its own. */
const END: Token = 0;

/** How a model of sessions is trained. */
export interface SessionModelOptions {
  readonly keys: number;
  readonly hidden: number;
  readonly epochs: number;
  readonly seed: number;
  /** Ends the learning early. */
  readonly stop$?: Observable<unknown>;
  /** Looks at each pass. */
  readonly watch: MonoTypeOperatorFunction<Epoch>;
}

/** A model of sessions, and how often it has learned them. */
export interface LearnedSessions {
  readonly model: Model;
  readonly passes: number;
}

/**
 * Learns the next key of sessions. Equal sessions are learned once: what is rare among the normal is as normal as what is
 * frequent.
 */
export async function learnSessions(
  sessions: readonly (readonly Token[])[],
  { keys, hidden, epochs: count, seed, stop$ = NEVER, watch }: SessionModelOptions,
): Promise<LearnedSessions> {
  const random = seeded(seed);
  const model = sequential(
    {
      embedding: embedding({ inputSize: keys, outputSize: 16 }),
      lstm: lstm({ inputSize: 16, hiddenSize: hidden }),
      linear: linear({ inputSize: hidden, outputSize: keys }),
    },
    { random },
  );
  const distinct = [...new Map(sessions.map((session) => [session.join(' '), session])).values()];
  const lanes = 32;
  const learningRate = cosineDecay({ learningRate: 0.005, steps: Math.ceil(distinct.length / lanes) * count });
  const passes$ = pull(distinct, yielding(unlimited)).pipe(
    shuffle({ size: 10_000, random }),
    sequences({ end: END, lanes }),
    epochs(train(model, { optimizer: adam({ learningRate }) }), { count }),
    takeUntil(stop$),
    watch,
  );
  const last = await lastValueFrom(passes$, { defaultValue: undefined });
  return { model, passes: last?.epoch ?? 0 };
}

/** The highest rank of a key in each session, its end included: 1 where the model predicted every key. */
export function highestRanks(model: Model, sessions: readonly (readonly Token[])[]): Promise<number[]> {
  const byLength = [...sessions.keys()].toSorted((a, b) => sessions[a]!.length - sessions[b]!.length);
  const scored$ = from(byLength).pipe(
    surprisalBySequence(model, { end: END, lanes: 64, sequence: (i: number) => sessions[i]! }),
    toArray(),
  );
  return lastValueFrom(scored$).then((scored) => {
    const ranks = Array<number>(sessions.length);
    for (const { item, surprisals } of scored)
      ranks[item] = surprisals.reduce((highest, { rank }) => Math.max(highest, rank), 1);
    return ranks;
  });
}
