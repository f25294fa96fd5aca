import { checkSeq2seq } from './checkSeq2seq.js';
import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { exp } from '../kernel/math/exp.js';
import { log } from '../kernel/math/log.js';
import { logSoftmax } from '../kernel/plain/logSoftmax.js';
import { zeros } from '../kernel/zeros.js';
import type { Seq2seq } from '../model/seq2seq.js';
import type { State, Tensor, Token } from '../types.js';
import { decodeChecks, type DecodeOptions } from './decodeTokens.js';
import { topTokens } from './topTokens.js';

/** How wide a search is, and how its hypotheses are ordered. */
export interface BeamSearchOptions extends DecodeOptions {
  /** How many hypotheses are kept, finished ones included: a positive integer. */
  readonly width: number;
  /** α of the score `logProbability / length^α`, 0 or more; 0 by default. The length includes the end token. */
  readonly lengthPenalty?: number | undefined;
}

/** A target, and the natural logarithm of its probability given the source. */
export interface Hypothesis {
  /** The end token included, unless `maxTokens` came first. */
  readonly tokens: Token[];
  readonly logProbability: number;
}

/** A hypothesis made one token longer. */
interface Extension {
  readonly lane: number;
  readonly token: Token;
  readonly logProbability: number;
}

/**
 * Finds the most likely targets by a search of bounded width, the best score first: at most `width` of them.
 *
 * Each step keeps the most likely extensions of the live hypotheses. One that ends is kept for good and leaves one
 * place fewer to the live ones; the search is over when `width` have ended, or at `maxTokens`, where the live ones are
 * returned, too. The length penalty orders the result, not the search. Of equal probabilities the earlier hypothesis
 * comes first, then the lower token; of equal scores the one that ended first. Width 1 gives the result of
 * `greedyDecode`. Each step runs the model on `width` lanes. Sutskever, Vinyals and Le, 2014. A RangeError where logits
 * are not finite and for options out of range.
 */
export function beamSearch(model: Seq2seq, source: Int32Array, given: BeamSearchOptions): Hypothesis[] {
  checkSeq2seq('beamSearch', model, source);
  given = options('beamSearch', given, {
    ...decodeChecks(model),
    width: positiveInteger,
    lengthPenalty: optional(finite(0)),
  });
  const { start, end, width, maxTokens, lengthPenalty = 0 } = given;
  const encoded = model.encode(source);
  checkWidth(width, model, encoded);
  const ended: Hypothesis[] = [];
  let live: Hypothesis[] = [{ tokens: [], logProbability: 0 }];
  let inputs = new Int32Array(width).fill(start);
  let state = pickLanes(model, encoded, new Int32Array(width));
  for (let length = 1; length <= maxTokens && live.length > 0; length++) {
    const next = model.step(inputs, state);
    const before = live;
    live = [];
    inputs = new Int32Array(width).fill(start); // the lanes without a hypothesis are not read
    const lanes = new Int32Array(width);
    for (const { lane, token, logProbability } of extensions(before, next.output, width - ended.length)) {
      const hypothesis: Hypothesis = { tokens: [...before[lane]!.tokens, token], logProbability };
      if (token === end) ended.push(hypothesis);
      else {
        inputs[live.length] = token;
        lanes[live.length] = lane;
        live.push(hypothesis);
      }
    }
    state = pickLanes(model, next.state, lanes);
  }
  const score = ({ tokens, logProbability }: Hypothesis): number =>
    logProbability / exp(lengthPenalty * log(tokens.length));
  return [...ended, ...live].toSorted((a, b) => score(b) - score(a));
}

/**
 * The `count` most likely extensions. Sorting is stable: equally likely ones stay in the order of lanes, then tokens.
 */
function extensions(live: readonly Hypothesis[], { shape, data }: Tensor, count: number): Extension[] {
  const size = shape[1]!;
  const logProbabilities = Float64Array.from(data.subarray(0, live.length * size));
  logSoftmax(logProbabilities, live.length, size);
  return live
    .flatMap((hypothesis, lane) =>
      topTokens('beamSearch', data.subarray(lane * size, (lane + 1) * size), count).map((token) => ({
        lane,
        token,
        logProbability: hypothesis.logProbability + logProbabilities[lane * size + token]!,
      })),
    )
    .filter(({ logProbability }) => logProbability > -Infinity)
    .toSorted((a, b) => b.logProbability - a.logProbability)
    .slice(0, count);
}

/** Numbers of all hypotheses, in memory at once. */
const MOST = 268_435_456;

/** Refuses a width whose states and outputs have no room, before room is asked for. */
function checkWidth(width: number, { outputSize }: Seq2seq, encoded: State): void {
  let each = 2 * outputSize;
  for (const { data } of encoded.values()) each += data.length;
  const most = Math.floor(MOST / each);
  if (width > most) throw new RangeError(`beamSearch: width must be at most ${most} with this model, got ${width}`);
}

/** Copies the given lanes of a state to a new one. */
function pickLanes({ dtype }: Seq2seq, state: State, lanes: Int32Array): State {
  const picked = [...state].map(([name, { shape, data }]): [string, Tensor] => {
    const [depth, from, size] = shape as [number, number, number];
    const to = zeros(dtype, depth * lanes.length * size);
    for (let d = 0; d < depth; d++) {
      for (const [i, lane] of lanes.entries()) {
        const at = (d * from + lane) * size;
        to.set(data.subarray(at, at + size), (d * lanes.length + i) * size);
      }
    }
    return [name, { shape: [depth, lanes.length, size], data: to }];
  });
  return new Map(picked);
}
