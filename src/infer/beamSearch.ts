import { exp } from '../kernel/math/exp.js';
import { log } from '../kernel/math/log.js';
import { logSoftmax } from '../kernel/plain/logSoftmax.js';
import { zeros } from '../kernel/zeros.js';
import { checkSize } from '../layer/checkSize.js';
import type { Seq2seq } from '../model/seq2seq.js';
import type { State, Tensor, Token } from '../types.js';
import { checkDecodeOptions, type DecodeOptions } from './checkDecodeOptions.js';
import { likeliest } from './likeliest.js';

/** How wide a search is, and how its answers are ordered. */
export interface BeamSearchOptions extends DecodeOptions {
  /** How many hypotheses are kept, the finished ones among them: a positive integer. */
  readonly width: number;
  /** α of the score `logProbability / length^α`, 0 or more; 0 by default. The length includes the end token. */
  readonly lengthPenalty?: number;
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
 * The likeliest targets that a search of bounded width finds, the best score first: at most `width` of them.
 *
 * Each step keeps the likeliest extensions of the live hypotheses; one that ends is kept for good and takes its place
 * from the live ones, so that the search is over when `width` have ended, or at `maxTokens` with those still live
 * beside them. The length penalty orders the answer, not the search. Of equal probabilities the earlier hypothesis
 * comes first, then the lower token; of equal scores the one that ended first. Width 1 gives what `greedyDecode` gives.
 * Each step is one of `width` lanes of the model. Sutskever, Vinyals and Le, 2014.
 * A RangeError where logits are not finite and for options out of range.
 */
export function beamSearch(model: Seq2seq, source: Int32Array, options: BeamSearchOptions): Hypothesis[] {
  const { start, end, width, maxTokens, lengthPenalty = 0 } = options;
  checkDecodeOptions('beamSearch', model, options);
  checkSize('beamSearch', 'width', width);
  if (!(lengthPenalty >= 0 && lengthPenalty < Infinity)) {
    throw new RangeError(`beamSearch: lengthPenalty must be a finite number of 0 or more, got ${lengthPenalty}`);
  }
  const ended: Hypothesis[] = [];
  let live: Hypothesis[] = [{ tokens: [], logProbability: 0 }];
  let told = new Int32Array(width).fill(start);
  let state = pickLanes(model, model.encode(source), new Int32Array(width));
  for (let length = 1; length <= maxTokens && live.length > 0; length++) {
    const next = model.step(told, state);
    const before = live;
    live = [];
    told = new Int32Array(width).fill(start); // the lanes without a hypothesis are not read
    const lanes = new Int32Array(width);
    for (const { lane, token, logProbability } of extensions(before, next.output, width - ended.length)) {
      const hypothesis: Hypothesis = { tokens: [...before[lane]!.tokens, token], logProbability };
      if (token === end) ended.push(hypothesis);
      else {
        told[live.length] = token;
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

/** The `count` likeliest extensions. Sorting is stable: what is as likely stays in the order of lanes, then tokens. */
function extensions(live: readonly Hypothesis[], { shape, data }: Tensor, count: number): Extension[] {
  const size = shape[1]!;
  const logProbabilities = Float64Array.from(data.subarray(0, live.length * size));
  logSoftmax(logProbabilities, live.length, size);
  return live
    .flatMap((hypothesis, lane) =>
      likeliest('beamSearch', data.subarray(lane * size, (lane + 1) * size), count).map((token) => ({
        lane,
        token,
        logProbability: hypothesis.logProbability + logProbabilities[lane * size + token]!,
      })),
    )
    .filter(({ logProbability }) => logProbability > -Infinity)
    .toSorted((a, b) => b.logProbability - a.logProbability)
    .slice(0, count);
}

/** A state whose lanes are the given lanes of another. */
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
