import { asapScheduler, type Observable, type OperatorFunction, type SchedulerLike, type Subscription } from 'rxjs';
import { anything } from '../check/anything.js';
import { callable } from '../check/callable.js';
import { flag } from '../check/flag.js';
import { options } from '../check/options.js';
import { optional } from '../check/optional.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { reasonOf } from '../check/reasonOf.js';
import { show } from '../check/show.js';
import { stream } from '../check/stream.js';
import { type Demand, unlimited } from '../flow/demand.js';
import { checkDemand } from '../flow/checkDemand.js';
import { operator } from '../flow/operator.js';
import { guarded } from '../flow/guarded.js';
import { queue } from '../flow/queue.js';
import { timeSlice } from '../flow/timeSlice.js';
import { checkModel } from '../model/checkModel.js';
import { roundingOf } from '../kernel/math/roundingOf.js';
import type { Model } from '../model/model.js';
import type { Vocabulary } from '../token/vocabularyOf.js';
import type { Tensors, Token } from '../types.js';
import type { Session } from './checkSession.js';
import { checkStreaming } from './checkStreaming.js';
import type { Generated } from './generated.js';
import { laneTapes } from './laneTapes.js';
import { liveWeights } from './liveWeights.js';
import { hasSymbols } from './promptTokens.js';
import { notFinite } from './reader.js';
import { type GenerationRequest, startGeneration, type UnderWay } from './startGeneration.js';
import { stateOf } from './stateOf.js';

/** A token that was generated for a key. */
export interface KeyedGenerated<K> extends Generated {
  readonly key: K;
  /** The token's symbol; absent without a vocabulary. */
  readonly text?: string;
  /** With the last token of a request; absent with the others. */
  readonly last?: true;
  /** With the last token, or with each (`sessionPerToken`): from where another request can go on. It is the receiver's. */
  readonly session?: Session<K>;
}

/** A request that cannot be met. */
export interface InvalidRequest<K> {
  readonly item: GenerationRequest<K>;
  /** The text of the error that it would have been. */
  readonly reason: string;
}

/** What all keys share. */
export interface GenerateByKeyOptions<K> {
  /** The vocabulary of the tokens: with it each token comes with its text. */
  readonly vocabulary?: Vocabulary | undefined;
  /** The most lanes of a pass, and so the most keys that share one: a positive integer; 64 by default. */
  readonly lanes?: number | undefined;
  /** The most requests under way; one more is invalid; 1024 by default. */
  readonly maxSessions?: number | undefined;
  /** Each of its keys ends what is being generated for that key, without another item; none by default. */
  readonly cancel$?: Observable<K> | undefined;
  /**
   * Whether each token has a session, not the last of a request alone: then what `cancel$` or the end of the process
   * interrupts can go on after any token that arrived. Costs a copy of the state per token; `false` by default.
   */
  readonly sessionPerToken?: boolean | undefined;
  /** Receives each request that cannot be met. Without this function it is the error of the result. */
  readonly onInvalid?: ((invalid: InvalidRequest<K>) => void) | undefined;
  /** The token before the prompt of a new session: −1 for "no input", as by default, or `null` for none. */
  readonly previous?: Token | null | undefined;
  /** Weights that change while tokens are drawn; see `surprisal`. */
  readonly weights$?: Observable<Tensors> | undefined;
  /** When to emit tokens, of any key; by default as fast as they are taken. */
  readonly demand?: Demand | undefined;
  /** Schedules the passes; `asapScheduler` by default. */
  readonly scheduler?: SchedulerLike | undefined;
}

/** A token that is to be emitted, unless its request is cancelled before. */
interface Drawn<K> {
  readonly one: UnderWay<K>;
  readonly item: KeyedGenerated<K>;
}

/**
 * Generates for many keys at once, as `generateText` for each request, in passes that they share.
 *
 * ```
 * requests              -(ab)----------c-|          each with maxTokens: 2
 * generateByKey(model)  -(a1 b1 a2 b2)-(c1 c2|)     a1 and b1 in one pass; a2 has the session that a can go on from
 * ```
 *
 * The tokens and bits of a request are those of `generateText` with the same options, exactly, whatever shares its
 * passes; that is also so where it resumes the `session` of an earlier one, in another process, too, by `sessionBytes`,
 * with the same `random`. A request may come at any time and is taken in when `lanes` of them wait, or at the scheduler's
 * next tick (a microtask). In each pass every key advances by one token of its prompt or draws one, in turn where there are
 * more than `lanes`; after 8 milliseconds the event loop has its turn. Memory is that of the tapes of 1, 2, 4, … lanes and
 * of one state per request under way: `maxSessions` bounds it, and further requests are invalid.
 *
 * The result completes when the source has and every request is met; an error of the source ends it at once. A request
 * that cannot be met goes to `onInvalid` and ends nothing: options as `generateText` refuses them, a key for which tokens
 * are being drawn, too many requests. A RangeError where the model's outputs are not finite.
 *
 * ```ts
 * import { from } from 'rxjs';
 * import { generateByKey, linear, rnn, sequential, vocabularyOf } from 'rxrnn';
 *
 * const vocabulary = vocabularyOf([...'abcd']);
 * const model = sequential({
 *   rnn: rnn({ inputSize: 4, hiddenSize: 8 }),
 *   linear: linear({ inputSize: 8, outputSize: 4 }),
 * });
 * from([
 *   { key: 'ann', prompt: 'ab', maxTokens: 2, temperature: 0 },
 *   { key: 'bob', maxTokens: 1, temperature: 0 },
 * ])
 *   .pipe(generateByKey(model, { vocabulary }))
 *   .subscribe(({ key, text, session }) => console.log(key, text, session?.tokens));
 * // -> bob d 1
 * // -> ann d undefined
 * // -> ann c 2
 * ```
 */
export function generateByKey<K>(
  model: Model,
  given: GenerateByKeyOptions<K> = {},
): OperatorFunction<GenerationRequest<K>, KeyedGenerated<K>> {
  const who = 'generateByKey';
  checkModel(who, 'model', model);
  given = options(who, given, {
    vocabulary: optional(hasSymbols),
    lanes: optional(positiveInteger),
    maxSessions: optional(positiveInteger),
    cancel$: optional(stream),
    sessionPerToken: optional(flag),
    onInvalid: optional(callable),
    previous: anything,
    weights$: optional(stream),
    demand: optional(checkDemand),
    scheduler: anything,
  });
  const { vocabulary, lanes = 64, maxSessions = 1024, cancel$, onInvalid, previous, weights$ } = given;
  const { sessionPerToken = false } = given;
  const { demand = unlimited, scheduler = asapScheduler } = given;
  if (vocabulary !== undefined && vocabulary.size !== model.outputSize) {
    throw new RangeError(
      `${who}: the vocabulary has ${vocabulary.size} symbols, the model ${model.outputSize} outputs`,
    );
  }
  checkStreaming(who, model);
  const symbols = vocabulary?.symbols;

  return operator((subscriber) => {
    const live = liveWeights(model, weights$, subscriber);
    const { dtype, kernel, outputSize: width } = live.model;
    const zeroState = live.model.zeroState();
    const shared = { model: live.model, zeroState, vocabulary, previous };
    const rounded = roundingOf(dtype);
    const { read, release } = laneTapes(live.model);
    const slice = timeSlice(scheduler);
    const byKey = new Map<K, UnderWay<K>>();
    const waiting = queue<UnderWay<K>>(); // for their next pass
    const ready = queue<Drawn<K>>(); // in the last pass
    let next: Drawn<K> | undefined; // the oldest of those, which waits for demand
    let tick: Subscription | undefined;
    let resting: Subscription | undefined;
    let running = false;
    let ended = false;

    /** Advances up to `lanes` requests by one token each. */
    function pass(): void {
      const group: UnderWay<K>[] = [];
      while (group.length < lanes && waiting.length > 0) {
        const one = waiting.shift();
        if (!one.cancelled) group.push(one);
      }
      if (group.length === 0) return;
      live.refresh();
      const tape = read(group);
      const { output, outputGradient } = tape;
      for (const [lane, one] of group.entries()) {
        if (one.at < one.prompt.length) {
          one.previous = one.prompt[one.at++]!;
          waiting.push(one);
          continue;
        }
        const logits = output.subarray(lane * width, (lane + 1) * width);
        const shares = outputGradient.subarray(lane * width, (lane + 1) * width);
        const { largest, rest } = kernel.softmaxRow(shares, logits, width);
        const token = one.draw(logits, one.temperature, one.temperature === 1 ? shares : undefined);
        const nats = rounded(rest - (logits[token]! - largest));
        if (!Number.isFinite(nats)) throw notFinite(who, tape);
        advance(
          one,
          symbols ? { token, bits: nats / Math.LN2, text: symbols[token]! } : { token, bits: nats / Math.LN2 },
        );
      }
    }

    function advance(one: UnderWay<K>, drawn: Generated & { readonly text?: string }): void {
      const { key } = one;
      one.previous = drawn.token;
      one.tokens += 1;
      one.left = one.isLast(drawn) ? 0 : one.left - 1;
      const last = one.left === 0;
      if (!last) waiting.push(one);
      if (!last && !sessionPerToken) return ready.push({ one, item: { key, ...drawn } });
      const session = { key, state: stateOf(zeroState, one.numbers, 0), previous: one.previous, tokens: one.tokens };
      ready.push({ one, item: { key, ...drawn, ...(last && { last }), session } });
    }

    function emit(item: KeyedGenerated<K>): void {
      if (item.last) byKey.delete(item.key); // before `next`, which may bring the next request
      subscriber.next(item);
    }

    function run(): void {
      if (running || resting !== undefined) return;
      running = true;
      slice.begin();
      while (!subscriber.closed) {
        if (next === undefined && ready.length > 0) next = ready.shift();
        if (next?.one.cancelled) {
          next = undefined; // at the cost of no demand
        } else if (next !== undefined) {
          if (!demand.take()) break;
          const { item } = next;
          next = undefined;
          emit(item);
        } else if (waiting.length === 0) {
          if (ended) subscriber.complete();
          break;
        } else if (slice.over()) {
          resting = slice.rest(onRested);
          break;
        } else pass();
      }
      running = false;
    }

    function runSoon(): void {
      if (!running) tick ??= scheduler.schedule(onTick);
    }

    const onTick = guarded(subscriber, () => {
      tick = undefined;
      run();
    });
    const onRested = guarded(subscriber, () => {
      resting = undefined;
      run();
    });
    subscriber.add(
      demand.connect({
        wake: guarded(subscriber, run),
        end: () => subscriber.complete(),
        fail: (error) => subscriber.error(error),
      }),
    );
    if (cancel$) {
      subscriber.add(
        cancel$.subscribe({
          next(key) {
            const one = byKey.get(key);
            if (!one) return;
            one.cancelled = true;
            byKey.delete(key);
            runSoon(); // with nothing left to generate, the result completes
          },
          error: (error: unknown) => subscriber.error(error),
        }),
      );
    }

    return {
      next(item) {
        try {
          const one = startGeneration(who, item, shared);
          if (byKey.has(one.key)) {
            throw new Error(`${who}: tokens of ${show(one.key)} are being drawn; give the request another key`);
          }
          if (byKey.size >= maxSessions) throw new Error(`${who}: ${maxSessions} requests are under way (maxSessions)`);
          byKey.set(one.key, one);
          waiting.push(one);
        } catch (error) {
          if (onInvalid === undefined) throw error;
          return onInvalid({ item, reason: reasonOf(error) });
        }
        if (waiting.length >= lanes) run();
        else runSoon();
      },
      complete() {
        ended = true;
        run();
      },
      close() {
        next = undefined;
        tick?.unsubscribe();
        resting?.unsubscribe();
        byKey.clear();
        waiting.clear();
        ready.clear();
        release();
      },
    };
  });
}
