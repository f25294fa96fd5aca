import type { OperatorFunction } from 'rxjs';
import { fraction } from '../check/fraction.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import { token as checkToken } from '../check/token.js';
import { vocabularySize } from '../check/vocabularySize.js';
import { operator } from '../flow/operator.js';
import { exp } from '../kernel/math/exp.js';
import { log } from '../kernel/math/log.js';
import type { Token } from '../types.js';

/** What several models said of the next token, and the token that came. */
export interface Forecasts {
  /** A distribution over the vocabulary from each model. */
  readonly distributions: readonly ArrayLike<number>[];
  readonly token: Token;
}

/** How distributions are mixed. */
export interface MixOptions {
  /** How many models there are. */
  readonly models: number;
  /** The size of the vocabulary. */
  readonly vocabSize: number;
  /** The step of the weights' gradient descent, in [0, 1]; 0.02 by default. */
  readonly learningRate?: number | undefined;
}

/** The surprisal of a token to the mixture, before it learned from it; plain JSON. */
export interface Mixed {
  readonly token: Token;
  readonly bits: number;
  /** The weight of each model. */
  readonly weights: readonly number[];
}

/**
 * Mixes the distributions of several models, and learns online how much to trust each.
 *
 * ```
 * forecasts  -f-f-f-|     f: { distributions, token }
 * mix({ … }) -m-m-m-|     m: { token, bits, weights }
 * ```
 *
 * The mixture is p(x) ∝ Π pᵢ(x)^wᵢ, which for two tokens is addition of log-odds. The weights begin at 1 / models and go
 * down the gradient of the bits: Σ p(x) ln pᵢ(x) − ln pᵢ(token). It is often better than the best of the models, as
 * weights may add up to more than 1. Probabilities below 1e-9 count as that. Memory is one distribution. Mahoney, Adaptive
 * Weighing of Context Models for Lossless Data Compression, 2005; Mattern, Mixing Strategies in Data Compression, 2012. A
 * RangeError for a token outside the vocabulary, and for another number of distributions or another size.
 *
 * ```ts
 * import { from, last } from 'rxjs';
 * import { mix } from 'rxrnn';
 *
 * const good = [0.9, 0.1];
 * const bad = [0.3, 0.7];
 * from(Array.from({ length: 300 }, () => ({ distributions: [good, bad], token: 0 })))
 *   .pipe(mix({ models: 2, vocabSize: 2 }), last())
 *   .subscribe(({ bits, weights }) => console.log(bits < 0.1, weights[0]! > weights[1]!)); // -> true true
 * ```
 */
export function mix(given: MixOptions): OperatorFunction<Forecasts, Mixed> {
  given = options('mix', given, {
    models: positiveInteger,
    vocabSize: vocabularySize,
    learningRate: optional(fraction),
  });
  const { models, vocabSize, learningRate = 0.02 } = given;
  return operator((subscriber) => {
    const weights = new Float64Array(models).fill(1 / models);
    const logs = Array.from({ length: models }, () => new Float64Array(vocabSize));
    const mixture = new Float64Array(vocabSize);
    let index = 0;

    function read(distributions: Forecasts['distributions']): void {
      if (distributions.length !== models) {
        throw new RangeError(`mix: item ${index} must have ${models} distributions, got ${distributions.length}`);
      }
      distributions.forEach((distribution, i) => {
        if (distribution?.length !== vocabSize) {
          const got = `${distribution?.length ?? 'none'} in distribution ${i} of item ${index}`;
          throw new RangeError(`mix: a distribution must have ${vocabSize} probabilities, got ${got}`);
        }
        let largest = 0;
        for (let x = 0; x < vocabSize; x++) {
          const p = distribution[x]!;
          largest = Math.max(largest, p);
          if (!(p >= 0 && p <= 1)) refuse('mix', `probability ${x} of item ${index}`, 'in [0, 1]', p, 'number');
          logs[i]![x] = log(Math.max(p, 1e-9));
        }
        if (largest === 0) throw new RangeError(`mix: all probabilities of distribution ${i} of item ${index} are 0`);
      });
    }

    return {
      next(item) {
        if (typeof item !== 'object' || item === null || !Array.isArray(item.distributions)) {
          refuse('mix', `item ${index}`, 'an object with a token and a list of distributions', item, 'none');
        }
        const { distributions, token } = item;
        checkToken('mix', token, vocabSize, index);
        read(distributions);
        index += 1;
        let most = -Infinity;
        for (let x = 0; x < vocabSize; x++) {
          let sum = 0;
          for (let i = 0; i < models; i++) sum += weights[i]! * logs[i]![x]!;
          mixture[x] = sum;
          most = Math.max(most, sum);
        }
        let total = 0;
        for (let x = 0; x < vocabSize; x++) total += mixture[x] = exp(mixture[x]! - most);
        const bits = -log(mixture[token]! / total) / Math.LN2;
        const before = Array.from(weights);
        for (let i = 0; i < models; i++) {
          let mean = 0;
          for (let x = 0; x < vocabSize; x++) mean += (mixture[x]! / total) * logs[i]![x]!;
          weights[i]! -= learningRate * (mean - logs[i]![token]!);
        }
        subscriber.next({ token, bits, weights: before });
      },
    };
  });
}
