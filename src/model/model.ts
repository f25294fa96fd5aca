import type { Kernel } from '../kernel/kernel.js';
import type { ForwardOptions, LayerInput } from '../layer/layer.js';
import type { Dtype, Numbers, State, Tensor, Token } from '../types.js';
import type { Block } from './block.js';

/** Layers as one set of named parameters, with the arithmetic to run them. */
export interface Model {
  /** Its maker: `sequential` or `seq2seq`. */
  readonly kind: string;
  readonly dtype: Dtype;
  /** The width of its features; for tokens, the size of the vocabulary. */
  readonly inputSize: number;
  /** Numbers that it gives a step: as many as there are tokens, where it predicts one. */
  readonly outputSize: number;
  /** The arithmetic; `close()` ends its threads, where there are any. */
  readonly kernel: Kernel;
  /** The parameters. They change in `optimize` and `loadStateDict` only; `stateDict` gives copies. */
  readonly weights: Block;
  /** Names of the parameters that do not learn. */
  readonly frozen: ReadonlySet<string>;
  /** What to build the same model from: plain JSON, for model files. */
  readonly configuration: Readonly<Record<string, unknown>>;
  /** The state before the first step: zeros. */
  zeroState(lanes?: number): State;
  /**
   * One step in time, for `scan`: a token (one lane), tokens (one a lane) or features (`lanes × inputSize`) and the
   * state before, to the output and the state after. Pure: neither argument is written, both results are fresh.
   * The numbers are those of `unroll`, to the bit.
   */
  step(input: Token | LayerInput, state: State): Stepped;
  /**
   * Buffers of its own for windows of up to `steps` steps of exactly `lanes` lanes. With `previous`, it goes on where
   * that tape stopped: its count of passes, its norms and, if the lanes are as many, its carried state.
   */
  tape(steps: number, lanes: number, previous?: Tape): Tape;
}

/** What one step in time gives. */
export interface Stepped {
  /** `[lanes, outputSize]`: logits, where the model ends in a linear layer. */
  readonly output: Tensor;
  readonly state: State;
}

/** What a backward pass computes besides the gradients of the parameters. */
export interface BackwardOptions {
  /** Whether the gradient at the input is computed too; `false` by default. Tokens have none. */
  readonly inputGradient?: boolean;
}

/** The buffers of one pass forward and back; each window overwrites the one before. */
export interface Tape {
  readonly steps: number;
  readonly lanes: number;
  readonly gradients: Block;
  /** `steps × lanes × outputSize`, time-major. */
  readonly output: Numbers;
  /** The loss's gradient at `output`, written by the loss. */
  readonly outputGradient: Numbers;
  /** Windows run forward so far: what a handle checks to know that its numbers are still there. */
  readonly passes: number;
  /** With a mask, recurrent layers pass over the steps where it is 0; a seq2seq does not heed it. */
  forward(input: LayerInput, steps: number, options?: ForwardOptions): void;
  /**
   * Overwrites `gradients` with those of the last forward pass. `finalState` is the loss's gradient at the state after
   * the last step: zeros without it, which truncates back-propagation at the window's end.
   */
  backward(finalState?: State, options?: BackwardOptions): void;
  /** A copy of the gradient at the state before the first step, as the last `backward` left it. */
  stateGradient(): State;
  /**
   * A copy of the gradient at the features, `[steps, lanes, inputSize]`; an error unless `backward` was asked for it.
   */
  inputGradient(): Tensor;
  /** A copy of the carried state. */
  state(): State;
  setState(state: State): void;
  /** Zeros the carried state of the lanes whose flag is set. */
  reset(flags: Uint8Array): void;
  /** Gradient norms of the last ten windows, oldest first, for messages. */
  readonly norms: readonly number[];
  remember(norm: number): void;
  /**
   * Gives the buffers back to the model, for another tape; nothing may be run on this one after it. What was last
   * written stays until they are lent again.
   */
  release(): void;
  /** The first layer whose output is not finite, by name. */
  firstNotFinite(): string | undefined;
}
