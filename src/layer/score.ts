import type { Kernel } from '../kernel/kernel.js';
import type { Numbers } from '../types.js';
import type { NumbersByName } from './layer.js';

/** How an attention compares a query with a key. */
export type AttentionScore = 'additive' | 'concat' | 'dot' | 'scaledDot' | 'general';

/** What queries look at, as the last pass left it; its arrays may be others after each pass. */
export interface AttentionSource {
  /** Steps of the source; 0 where there is none. */
  readonly steps: number;
  /** `steps × lanes × keySize`, time-major. */
  readonly keys: Numbers;
  /** `steps × lanes × valueSize`: what contexts are made of; it may be `keys`. */
  readonly values: Numbers;
  /** `steps × lanes`: where it is 0, nothing is looked at. */
  readonly mask: Uint8Array | undefined;
  /** The gradient at `keys`, which the backward pass writes; it may be `valuesGradient`. */
  readonly keysGradient: Numbers;
  readonly valuesGradient: Numbers;
}

/** What a score works on. */
export interface ScoreContext {
  readonly kernel: Kernel;
  /** The parameters of the attention by its own names. */
  readonly weights: NumbersByName;
  /** The most queries of a pass for each lane. */
  readonly queries: number;
  readonly lanes: number;
  readonly allocate: (length: number) => Numbers;
  readonly source: AttentionSource;
  readonly querySize: number;
  readonly keySize: number;
}

/** How well queries fit keys: what one kind of attention does in another way than the others. */
export interface Score {
  /** Reads the keys, once for all queries of a pass. */
  begin(): void;
  /**
   * Writes how well query t, `lanes × querySize`, fits each key to `scores`, `lanes × source.steps`. Where the mask is 0
   * nothing is written.
   */
  compare(t: number, query: Numbers, scores: Numbers): void;
  /** Makes the backward half; `gradients` are those of the parameters. */
  differentiate(gradients: NumbersByName): ScoreGradients;
}

/** The backward half of a score. */
interface ScoreGradients {
  begin(): void;
  /**
   * Adds to the gradients at query t and at the keys what `dScores`, the gradient at its scores, gives; the scores under
   * the mask have none.
   */
  back(t: number, query: Numbers, dQuery: Numbers, dScores: Numbers): void;
  /** Adds to the gradients of the parameters: all at once for the first `count` queries, `count × lanes × querySize`. */
  end(queries: Numbers, count: number): void;
}
