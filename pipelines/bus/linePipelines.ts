// Lines scored by a model of their characters, as pipelines of a bus.
import { concat, concatMap, defer, from, ignoreElements, map, type Observable, type OperatorFunction, pipe, tap, toArray } from 'rxjs'; // prettier-ignore
import { type BusValue, learningBytes, type Pipeline, sessionBytes } from '../../src/bus.js';
import {
  adam,
  type KeyedToken,
  type Model,
  predictThenLearn,
  pull,
  readModel,
  type Session,
  surprisalByKey,
  type Token,
  unlimited,
  yielding,
} from '../../src/index.js';

/** The result of a line. */
export interface LineBits {
  readonly line: string;
  /** Sum over its characters and its end. */
  readonly bits: number;
}

/** Keys whose lines are scored together, each in a lane. */
const LANES = 16;
/** Characters that are learned together; the last ones of a line may be fewer. */
const STEPS = 10;

/** Scores the lines of each key as one stream, whose state the bus keeps. */
export function scoreLinesByKey(): Pipeline<Session<string>> {
  return {
    name: 'lines by key',
    open({ model: bytes }) {
      const { model, tokensOf } = open(bytes);
      const { encode, decode } = sessionBytes(model);
      return {
        encode,
        decode: (state) => decode('', state),
        close: () => model.dispose(),
        operator: ({ get, set }) =>
          bitsOfLines(tokensOf, LANES, (keys) =>
            surprisalByKey<string>(model, {
              lanes: LANES,
              maxSessions: Math.max(LANES, keys),
              restore: get,
              evicted: (session) => set(session.key, session),
            }),
          ),
      };
    },
  };
}

/** Scores the lines of a partition, each as a text of its own, and learns from each after scoring it. */
export function learnLines(learningRate: number): Pipeline<object> {
  return {
    scope: 'partition',
    name: `lines that are learned, rate ${learningRate}`,
    open({ model: bytes }) {
      const { model, tokensOf, lineEnd } = open(bytes);
      const optimizer = adam({ learningRate });
      const { encode, restore } = learningBytes(model, optimizer);
      const untrained = encode();
      const learn = predictThenLearn(model, { optimizer, steps: STEPS, reset: (token) => token === lineEnd });
      return {
        encode,
        decode(state) {
          restore(state);
          return {};
        },
        close: () => model.dispose(),
        operator({ get, set }) {
          const learned = get('');
          if (learned === undefined) restore(untrained);
          return pipe(
            bitsOfLines(tokensOf, 1, () =>
              pipe(
                map(({ token }) => token),
                learn,
              ),
            ),
            tap({ complete: () => set('', learned ?? {}) }),
          );
        },
      };
    },
  };
}

/** Opens a model of text that was trained on lines. */
function open(bytes: Uint8Array | undefined): {
  readonly model: Model;
  readonly lineEnd: Token;
  tokensOf(line: string): Token[];
} {
  if (!bytes) {
    const what = 'the bus has no model: it was emptied, or its address now leads to another one';
    throw new RangeError(`${what}; if it is the right one, start a worker again, with --model for a model of yours`);
  }
  const { model, vocabulary: symbols } = readModel(bytes);
  const lineEnd = symbols?.token('\n');
  if (!symbols || lineEnd === undefined) throw new RangeError('the model was not trained on lines of text');
  return {
    model,
    lineEnd,
    tokensOf(line) {
      const tokens = Array.from(line, (symbol) => symbols.token(symbol) ?? symbols.unknown);
      return [...tokens.filter((token) => token !== undefined), lineEnd];
    },
  };
}

/**
 * Scores lines with an operator that scores tokens in their order. Tokens of so many keys take turns, so that these are
 * scored together.
 */
function bitsOfLines(
  tokensOf: (line: string) => Token[],
  lanes: number,
  score: (keys: number) => OperatorFunction<KeyedToken<string>, { readonly bits: number }>,
): OperatorFunction<BusValue, Uint8Array> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const encoder = new TextEncoder();
  return pipe(
    toArray(),
    concatMap((values): Observable<Uint8Array> => {
      const lines = values.map(({ value }) => decoder.decode(value)); // throws where it is not UTF-8
      const bits = lines.map(() => 0);
      const owners: number[] = []; // the lines of the tokens, in the order in which they are scored
      const byKey = new Map<string, number[]>();
      for (const [i, { key }] of values.entries()) byKey.set(key, [...(byKey.get(key) ?? []), i]);
      let scored = 0;

      function* ofKey(key: string, own: readonly number[]): Generator<KeyedToken<string>> {
        for (const i of own) {
          for (const token of tokensOf(lines[i]!)) {
            owners.push(i);
            yield { key, token };
          }
        }
      }
      const streams = Array.from(byKey, ([key, own]) => ofKey(key, own));
      const all$ = pull(inTurn(streams, lanes), yielding(unlimited)).pipe(
        score(byKey.size),
        tap((surprisal) => (bits[owners[scored++]!]! += surprisal.bits)),
        ignoreElements(),
      );
      const result = (line: string, i: number): LineBits => ({ line, bits: bits[i]! });
      return concat(
        all$,
        defer(() => from(lines.map((line, i) => encoder.encode(JSON.stringify(result(line, i)))))),
      );
    }),
  );
}

/** Takes turns among so many of the streams; when one ends, the next joins. */
function* inTurn<T>(streams: readonly Iterator<T>[], most: number): Generator<T> {
  let waiting = most;
  for (let active = streams.slice(0, most); active.length > 0;) {
    const next: Iterator<T>[] = [];
    for (const stream of active) {
      const { done, value } = stream.next();
      if (done !== true) {
        yield value;
        next.push(stream);
      } else if (waiting < streams.length) next.push(streams[waiting++]!);
    }
    active = next;
  }
}
