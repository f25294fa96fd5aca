import { isObservable, Observable } from 'rxjs';
import { yielding } from '../flow/yielding.js';
import { type Demand, unlimited } from '../flow/demand.js';
import type { Cursor } from '../flow/openCursor.js';
import { pull } from '../flow/pull.js';
import { checkSize } from '../layer/checkSize.js';
import type { Model } from '../model/model.js';
import { seeded } from '../random/seeded.js';
import type { Vocabulary } from '../token/vocabularyOf.js';
import type { Tensors, Token } from '../types.js';
import { checkStreaming } from './checkStreaming.js';
import { drawing, type SamplingOptions } from './drawing.js';
import { type LiveWeights, liveWeights } from './liveWeights.js';
import { promptTokens } from './promptTokens.js';
import { reader } from './reader.js';
import type { ReadFrom } from './scorer.js';
import { stopping } from './stopping.js';

/** A token that a model made up; plain JSON. */
export interface Generated {
  readonly token: Token;
  /** How surprising the model itself found it, as `surprisal` would: at temperature 1, of all tokens. */
  readonly bits: number;
}

/** A token that a model made up, with what it means. */
export interface GeneratedText extends Generated {
  /** The token's symbol. */
  readonly text: string;
}

/** What is read first, how tokens are drawn, and when to stop. */
export interface GenerateTextOptions extends Omit<SamplingOptions, 'temperature'>, ReadFrom {
  /** What tokens mean: with it each comes with its text. */
  readonly vocabulary?: Vocabulary;
  /** What is read first: tokens, or with a vocabulary a text whose characters are its symbols; nothing by default. */
  readonly prompt?: string | ArrayLike<Token>;
  /** The most tokens to give; without end by default. */
  readonly maxTokens?: number;
  /** What comes last: a token, with a vocabulary a text that may run over several tokens, or a test of each. */
  readonly stop?: Token | string | ((generated: Generated) => boolean);
  /** Divides the logits, 0 takes the likeliest; 1 by default. Of an observable the latest value holds. */
  readonly temperature?: number | Observable<number>;
  /** Weights to go on with, as `stateDict` gives them: the latest hold from the next token on; see `surprisal`. */
  readonly weights$?: Observable<Tensors>;
  /** When to make tokens; by default as fast as they are taken, with a turn for the event loop every 16 ms. */
  readonly demand?: Demand;
}

/**
 * What a model goes on with after a prompt, each token when it is drawn: `expand`, drawn tokens being read in turn.
 *
 * ```
 * generateText(model, { prompt: 'he', maxTokens: 3, vocabulary })   (llo|)     g: { token, bits, text }
 * generateText(model)                                               (abcd)-(efgh)-(…   a turn at each dash
 * ```
 *
 * Before the prompt stands "no input", as in `surprisal`, unless `previous` says otherwise: with `null` the prompt is
 * all that is read, as by a model that has learned one long text by `windows`. Each subscription starts afresh, with
 * `seeded(0)` unless `random` is given, and stops at once when it is left; a token costs one event and one object. A
 * RangeError where the model's outputs are not finite; errors of the observables pass.
 *
 * ```ts
 * import { lastValueFrom, repeat, toArray } from 'rxjs';
 * import { adam, encode, generateText, linear, pull, rnn, sequential, train, vocabularyOf, windows } from 'rxrnn';
 *
 * const vocabulary = vocabularyOf([' ', 'e', 'h', 'l', 'o']);
 * const model = sequential({
 *   rnn: rnn({ inputSize: 5, hiddenSize: 16 }),
 *   linear: linear({ inputSize: 16, outputSize: 5 }),
 * });
 * const optimizer = adam({ learningRate: 0.02 });
 * const windows$ = pull('hello ').pipe(repeat(200), encode(vocabulary), windows({ steps: 12 }));
 * await lastValueFrom(windows$.pipe(train(model, { optimizer })));
 * const text$ = generateText(model, { vocabulary, prompt: 'he', previous: null, maxTokens: 9, temperature: 0 });
 * const generated = await lastValueFrom(text$.pipe(toArray()));
 * console.log(generated.map(({ text }) => text).join('')); // -> llo hello
 * ```
 */
export function generateText(
  model: Model,
  options: GenerateTextOptions & { readonly vocabulary: Vocabulary },
): Observable<GeneratedText>;
export function generateText(model: Model, options?: GenerateTextOptions): Observable<Generated>;
export function generateText(model: Model, options: GenerateTextOptions = {}): Observable<Generated> {
  const { vocabulary, maxTokens, temperature = 1, weights$, demand } = options;
  if (maxTokens !== undefined && maxTokens !== Infinity) checkSize('generateText', 'maxTokens', maxTokens);
  if (vocabulary !== undefined && vocabulary.size !== model.outputSize) {
    throw new RangeError(
      `generateText: the vocabulary has ${vocabulary.size} symbols, the model ${model.outputSize} outputs`,
    );
  }
  checkStreaming('generateText', model);
  const prompt = promptTokens(options);
  stopping(options); // refuses what cannot be
  drawing('generateText', { ...options, temperature: 1 });
  if (!isObservable(temperature)) drawing('generateText', { temperature });

  return new Observable((subscriber) => {
    const live = liveWeights(model, weights$, subscriber);
    let latest = isObservable(temperature) ? NaN : temperature;
    if (isObservable(temperature)) {
      subscriber.add(
        temperature.subscribe({
          next: (value) => (latest = value),
          error: (error: unknown) => subscriber.error(error),
        }),
      );
    }
    return pull(() => generation(live, prompt, options, () => latest), demand ?? yielding(unlimited)).subscribe(
      subscriber,
    );
  });
}

function generation(
  { model, refresh }: LiveWeights,
  prompt: readonly Token[],
  options: GenerateTextOptions,
  temperature: () => number,
): Cursor<Generated> {
  const { vocabulary, maxTokens = Infinity, random = seeded(0), topK, topP, initialState } = options;
  const symbols = vocabulary?.symbols;
  const { read, nats, probabilities, tape } = reader('generateText', model);
  const draw = drawing('generateText', { topK, topP, random }, model.kernel);
  const isLast = stopping(options);
  const step: { value: Generated; done: false } = { value: { token: -1, bits: 0 }, done: false }; // one for all
  let before = prompt.at(-1)!;
  let left = maxTokens;
  if (initialState) tape.setState(initialState);
  refresh();
  for (const token of prompt.slice(0, -1)) read(token);

  return {
    next() {
      if (left === 0) {
        tape.release();
        return { value: undefined, done: true };
      }
      refresh();
      read(before);
      const heat = heated(temperature());
      const token = draw(tape.output, heat, heat === 1 ? probabilities() : undefined);
      const bits = nats(token) / Math.LN2;
      const generated = symbols ? { token, bits, text: symbols[token]! } : { token, bits };
      before = token;
      left = isLast(generated) ? 0 : left - 1;
      step.value = generated;
      return step;
    },
    return: tape.release,
  };
}

/** Refuses an observable temperature that has no value yet. */
function heated(temperature: number): number {
  if (!Number.isNaN(temperature)) return temperature;
  throw new RangeError(
    'generateText: temperature is an observable without a number; start it with one (startWith, BehaviorSubject)',
  );
}
