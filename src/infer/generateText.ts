import { checkDemand } from '../flow/checkDemand.js';
import { stream } from '../check/stream.js';
import { checkModel } from '../model/checkModel.js';
import { asyncScheduler, isObservable, Observable, type Subscription } from 'rxjs';
import { anything } from '../check/anything.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { orInfinity } from '../check/orInfinity.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { yielding } from '../flow/yielding.js';
import { type Demand, unlimited } from '../flow/demand.js';
import type { Cursor, Step } from '../flow/openCursor.js';
import { pull } from '../flow/pull.js';
import { timeSlice } from '../flow/timeSlice.js';
import type { Model } from '../model/model.js';
import { seeded } from '../random/seeded.js';
import type { Vocabulary } from '../token/vocabularyOf.js';
import type { Tensors, Token } from '../types.js';
import { checkStreaming } from './checkStreaming.js';
import { checkTemperature, makeSampler, SAMPLING_CHECKS, type SamplingOptions } from './makeSampler.js';
import { type LiveWeights, liveWeights } from './liveWeights.js';
import type { Generated, GeneratedText } from './generated.js';
import { hasSymbols, checkPrompt, promptTokens } from './promptTokens.js';
import { reader } from './reader.js';
import { READ_FROM_CHECKS, type ReadFrom } from './scorer.js';
import { stopTest } from './stopTest.js';

/** What the model reads first, how tokens are drawn, and when to stop. */
export interface GenerateTextOptions extends Omit<SamplingOptions, 'temperature'>, ReadFrom {
  /** The vocabulary of the tokens: with it each token comes with its text. */
  readonly vocabulary?: Vocabulary;
  /** What the model reads first: tokens or, with a vocabulary of characters, a text; nothing by default. */
  readonly prompt?: string | ArrayLike<Token> | undefined;
  /** The most tokens to emit; unlimited by default. */
  readonly maxTokens?: number | undefined;
  /**
   * Stops after a token, after a text (with a vocabulary; it may span several tokens), or where a function returns
   * true.
   */
  readonly stop?: Token | string | ((generated: Generated) => boolean) | undefined;
  /** Divides the logits, 0 takes the most likely token; 1 by default. Of an observable the latest value applies. */
  readonly temperature?: number | Observable<number> | undefined;
  /** Weights as `stateDict` returns them: the latest apply from the next token on; see `surprisal`. */
  readonly weights$?: Observable<Tensors> | undefined;
  /**
   * When to generate tokens; by default as fast as they are taken, with a turn for the event loop every 16 ms. With
   * `unlimited` all is generated in the turn of the subscription.
   */
  readonly demand?: Demand | undefined;
}

/**
 * Generates tokens after a prompt and emits each when it is drawn: an `expand` in which the model reads what it draws.
 *
 * ```
 * generateText(model, { prompt: 'he', maxTokens: 3, vocabulary })   (llo|)     g: { token, bits, text }
 * generateText(model)                                               (abcd)-(efgh)-(…   a turn at each dash
 * ```
 *
 * The model reads "no input" before the prompt, as in `surprisal`, unless `previous` says otherwise: with `null` it
 * reads the prompt only, which suits a model that has learned one long text by `windows`. A long prompt is read in slices of
 * 8 ms with a turn of the event loop between them, but for `demand: unlimited`; if the weights change in such a turn, it is
 * read again from its beginning. Each subscription starts from
 * the beginning, with `seeded(0)` unless `random` is given, and stops at once on unsubscription; a token costs one
 * event and one object. A RangeError where the model's outputs are not finite; errors of the observables are passed on.
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
export function generateText(model: Model, given: GenerateTextOptions = {}): Observable<Generated> {
  checkModel('generateText', 'model', model);
  given = options('generateText', given, {
    ...SAMPLING_CHECKS,
    ...READ_FROM_CHECKS,
    temperature: optional((who, option, value) => {
      if (!isObservable(value)) checkTemperature(who, option, value);
    }),
    vocabulary: optional(hasSymbols),
    prompt: optional(checkPrompt),
    maxTokens: optional(orInfinity(positiveInteger)),
    stop: anything,
    weights$: optional(stream),
    demand: optional(checkDemand),
  });
  const { vocabulary, temperature = 1, weights$, demand } = given;
  if (vocabulary !== undefined && vocabulary.size !== model.outputSize) {
    throw new RangeError(
      `generateText: the vocabulary has ${vocabulary.size} symbols, the model ${model.outputSize} outputs`,
    );
  }
  checkStreaming('generateText', model);
  const prompt = promptTokens('generateText', given);
  stopTest('generateText', given, model.outputSize); // refuses a stop that cannot be met

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
    const inOneTurn = demand === unlimited;
    return pull(() => generate(live, prompt, given, () => latest, inOneTurn), demand ?? yielding(unlimited)).subscribe(
      subscriber,
    );
  });
}

/** Times that a prompt begins again for new weights. */
const MOST_AGAIN = 3;

/** A cursor that reads the prompt, in one turn or in slices, then draws a token each time it is pulled. */
function generate(
  { model, refresh }: LiveWeights,
  prompt: readonly Token[],
  options: GenerateTextOptions,
  latestTemperature: () => number,
  inOneTurn: boolean,
): Cursor<Generated> {
  const { vocabulary, maxTokens = Infinity, random = seeded(0), topK, topP, initialState } = options;
  const symbols = vocabulary?.symbols;
  const { read, nats, probabilities, tape, logits } = reader('generateText', model);
  const draw = makeSampler('generateText', { topK, topP, random }, model.kernel);
  const isLast = stopTest('generateText', options, model.outputSize);
  const step: { value: Generated; done: false } = { value: { token: -1, bits: 0 }, done: false }; // reused
  const slice = inOneTurn ? undefined : timeSlice(asyncScheduler);
  const last = prompt.length - 1; // is read when the first token is drawn
  let at = 0;
  let resting: Subscription | undefined;
  let version = NaN; // of the weights that the prompt is read with
  let again = -1; // times that it was begun again
  let before = prompt[last]!;
  let left = maxTokens;
  if (initialState) tape.setState(initialState);

  /**
   * Reads the prompt but for its last token, or as much of it as a slice takes; whether all is read. Where the weights
   * have changed between two slices, it begins again; the third time it reads on in one turn, in which they cannot.
   */
  function readPrompt(): boolean {
    slice?.begin();
    refresh();
    if (model.kernel.weightsVersion() !== version) {
      version = model.kernel.weightsVersion();
      if (at > 0) tape.setState(initialState ?? model.zeroState());
      at = 0;
      again += 1;
    }
    while (at < last) {
      read(prompt[at++]!);
      if (at < last && again < MOST_AGAIN && slice?.over() === true) return false;
    }
    return true;
  }

  /** The first token, once the rest of the prompt is read in later turns. */
  function afterPrompt(): Promise<Step<Generated>> {
    // runs within the turn: one who left before it has cancelled that
    const goOn = async (): Promise<Step<Generated>> => (readPrompt() ? next() : afterPrompt());
    return new Promise((resolve) => {
      resting = slice?.rest(() => resolve(goOn()));
    });
  }

  function next(): Step<Generated> {
    if (left === 0) {
      tape.release();
      return { value: undefined, done: true };
    }
    refresh();
    read(before);
    const temperature = checkStarted(latestTemperature());
    const token = draw(logits(), temperature, temperature === 1 ? probabilities() : undefined);
    const bits = nats(token) / Math.LN2;
    const generated = symbols ? { token, bits, text: symbols[token]! } : { token, bits };
    before = token;
    left = isLast(generated) ? 0 : left - 1;
    step.value = generated;
    return step;
  }

  return {
    next: () => (at === last || readPrompt() ? next() : afterPrompt()),
    return() {
      resting?.unsubscribe();
      tape.release();
    },
  };
}

/** Refuses an observable temperature that has not emitted a number yet. */
function checkStarted(temperature: number): number {
  if (!Number.isNaN(temperature)) return temperature;
  throw new RangeError(
    'generateText: temperature is an observable without a number; start it with one (startWith, BehaviorSubject)',
  );
}
