import type { Token } from '../types.js';
import type { ContextMemory } from './contextMemory.js';
import type { CountOrder } from './countOrder.js';
import type { HubOrder } from './hubOrder.js';

/** So many of the last tokens are kept. */
export const RECENT = 4096;

/** A context with very many different tokens after it. */
export interface Hub {
  /** The length of the stream when it was last asked for. */
  at: number;
  /** How often it has been asked for since it was last far away. */
  visits: number;
  /** The tokens after it, in order as they were at `at`; absent where that does not pay. */
  order?: HubOrder | undefined;
}

/** The counts at the end of a stream, as ranks are computed from them. */
export interface NgramView {
  readonly memory: ContextMemory;
  /** The contexts that end the stream, from one token up; what came after a longer one came after all shorter ones. */
  readonly ending: Int32Array;
  /** How many of them have been seen before. */
  known: number;
  /** How often each token came after the empty context, how many different ones, and how many in all. */
  readonly order: CountOrder;
  kinds: number;
  total: number;
  /** The last tokens: that after `t` others at place `t % RECENT`. */
  readonly recent: Int32Array;
  /** What is known of contexts with very many different tokens after them, by their number. */
  readonly hubs: Map<number, Hub>;
  /** How often a token came after `ending[k]`. */
  countAfter(k: number, token: Token): number;
  /** The probability of a token to come next. */
  probability(token: Token): number;
  /** What it would be, had the token come after the first `depth` of `ending` only; after some tokens have been counted. */
  probabilityUpTo(depth: number, token: Token): number;
  /** That of a token which came so often after the empty context, and after no other. */
  probabilityOf(count: number): number;
  /** Writes the tokens that came after `ending[k]`, if it has been seen before, and returns how many there are. */
  writeSeen(k: number, to: Int32Array): number;
  /** Writes the probabilities of tokens, those that came after `ending[0]` among them, to their places. */
  writeProbabilities(tokens: Int32Array, to: Float64Array): void;
}
