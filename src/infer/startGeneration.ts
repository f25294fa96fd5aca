import { anything } from '../check/anything.js';
import { type Checks, options } from '../check/options.js';
import { optional } from '../check/optional.js';
import { orInfinity } from '../check/orInfinity.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { show } from '../check/show.js';
import { zeros } from '../kernel/zeros.js';
import type { Model } from '../model/model.js';
import { seeded } from '../random/seeded.js';
import type { Vocabulary } from '../token/vocabularyOf.js';
import type { State, Token } from '../types.js';
import { checkKeyed } from './checkKeyed.js';
import { checkSession, checkSessionState, type Session } from './checkSession.js';
import type { Generated } from './generated.js';
import type { LaneState } from './laneTapes.js';
import { makeSampler, SAMPLING_CHECKS, type SamplingOptions, type SoftmaxSampler } from './makeSampler.js';
import { checkPrompt, promptTokens } from './promptTokens.js';
import { writeState } from './stateOf.js';
import { stopTest } from './stopTest.js';

/** What is to be generated for a key, such as a request to a server. */
export interface GenerationRequest<K> extends SamplingOptions {
  /** A key for which nothing is being generated at the moment. */
  readonly key: K;
  /** What the model reads first: tokens or, with a vocabulary of characters, a text; nothing by default. */
  readonly prompt?: string | ArrayLike<Token> | undefined;
  /** The session of an earlier item, from where it goes on; the prompt is read after it. By default a new one. */
  readonly session?: Session<unknown> | undefined;
  /** The most tokens to emit; unlimited by default. */
  readonly maxTokens?: number | undefined;
  /** Stops after a token, after a text (with a vocabulary), or where a function returns true; never by default. */
  readonly stop?: Token | string | ((generated: Generated) => boolean) | undefined;
}

/** The checks of a request. */
const REQUEST_CHECKS: Checks<GenerationRequest<unknown>> = {
  ...SAMPLING_CHECKS,
  key: anything,
  prompt: optional(checkPrompt),
  session: anything, // checked below, where the state of the model is known
  maxTokens: optional(orInfinity(positiveInteger)),
  stop: anything,
};

/** A request under way. */
export interface UnderWay<K> extends LaneState {
  readonly key: K;
  /** What is still to be read, from `at` on, before the first token is drawn. */
  readonly prompt: readonly Token[];
  at: number;
  readonly temperature: number;
  readonly draw: SoftmaxSampler;
  readonly isLast: (generated: Generated) => boolean;
  left: number;
  tokens: number;
  cancelled: boolean;
}

/** What the requests of one result share. */
export interface Shared {
  readonly model: Model;
  readonly zeroState: State;
  readonly vocabulary: Vocabulary | undefined;
  readonly previous: Token | null | undefined;
}

/** Checks a request for the function `who`, and gives it a state of its own. */
export function startGeneration<K>(who: string, item: GenerationRequest<K>, shared: Shared): UnderWay<K> {
  checkKeyed(who, item, 'prompt');
  const { model, zeroState, vocabulary, previous } = shared;
  const { dtype, inputSize, kernel } = model;
  const {
    key,
    prompt,
    session,
    stop,
    temperature = 1,
    maxTokens = Infinity,
    ...sampling
  } = options(who, item, REQUEST_CHECKS);
  let state = zeroState;
  if (session !== undefined) {
    checkSession(who, session, key, inputSize);
    checkSessionState(who, zeroState, session.state, key);
    ({ state } = session);
  }
  const tokens = promptTokens(who, { prompt, vocabulary, previous: session ? session.previous : previous });
  for (const [i, token] of tokens.entries()) {
    if (Number.isInteger(token) && token < inputSize && token >= (i === 0 ? -1 : 0)) continue;
    throw new RangeError(`${who}: the prompt has ${show(token)}, which is outside the vocabulary of ${inputSize}`);
  }
  const size = [...zeroState.values()].reduce((sum, { data }) => sum + data.length, 0);
  const numbers = zeros(dtype, size);
  writeState(zeroState, state, numbers, 0);
  return {
    key: item.key,
    numbers,
    place: 0,
    prompt: tokens,
    previous: tokens[0]!,
    at: 1,
    temperature,
    draw: makeSampler(who, { random: seeded(0), ...sampling }, kernel),
    isLast: stopTest(who, { stop, vocabulary }, model.outputSize),
    left: maxTokens,
    tokens: session?.tokens ?? 0,
    cancelled: false,
  };
}
