import { debounceTime, groupBy, map, mergeMap, type OperatorFunction, pipe } from 'rxjs';
import {
  adam,
  type KeyedToken,
  type Model,
  predictThenLearn,
  surprisal,
  surprisalByKey,
  type Token,
} from '../../src/index.js';

export interface LineScoreOptions {
  /** Whether lines have keys, each a stream of its own. */
  readonly keyed: boolean;
  /** Learns at this rate, after scoring; undefined leaves the model as it is. */
  readonly learningRate: number | undefined;
  /** What stands before a stream: the end of a line. */
  readonly previous: Token;
}

const IDLE = 600_000; // milliseconds after which a key is forgotten
const WINDOW = 10; // characters learned at a time

/** The operator that scores the tokens of lines: by one hidden state or one a key, the model as it is or learning. */
export function lineScore(
  model: Model,
  { keyed, learningRate, previous }: LineScoreOptions,
): OperatorFunction<KeyedToken<string>, { readonly bits: number }> {
  const token = map(({ token }: KeyedToken<string>) => token);
  if (learningRate === undefined)
    return keyed ? surprisalByKey<string>(model, { idle: IDLE }) : pipe(token, surprisal(model, { previous }));
  const learn = predictThenLearn(model, { optimizer: adam({ learningRate }), steps: WINDOW, previous });
  if (!keyed) return pipe(token, learn);
  return pipe(
    groupBy(({ key }) => key, { duration: (group$) => group$.pipe(debounceTime(IDLE)) }),
    mergeMap((group$) => group$.pipe(token, learn)),
  );
}
