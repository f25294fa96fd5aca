/// <reference lib="esnext.disposable" preserve="true" />
import type { Kernel } from '../kernel/kernel.js';
import type { ForwardOptions, Layer, LayerInput, LayerTape } from '../layer/layer.js';
import type { Dtype, Numbers, Source, State, Tensor, Token } from '../types.js';
import type { GradientRuns } from './gradientRuns.js';
import type { ParameterBlock } from './parameterBlock.js';

/**
 * Layers as one set of named parameters, with the arithmetic to run them.
 *
 * ```ts
 * import { linear, rnn, sequential } from 'rxrnn';
 *
 * using model = sequential({
 *   rnn: rnn({ inputSize: 3, hiddenSize: 8 }),
 *   linear: linear({ inputSize: 8, outputSize: 3 }),
 * });
 * console.log(model.step(2, model.zeroState()).output.shape); // -> [ 1, 3 ]
 * // at the end of the block its memory is given back; `model.dispose()` does so at once
 * ```
 */
export interface Model {
  /** The name of the function that made it: `sequential` or `seq2seq`. */
  readonly kind: string;
  readonly dtype: Dtype;
  /** The width of its features; for tokens, the size of the vocabulary. */
  readonly inputSize: number;
  /** Numbers that it gives per step: as many as there are tokens, where it predicts one. */
  readonly outputSize: number;
  /** Its layers by name, in the order in which their parameters come. */
  readonly layers: ReadonlyMap<string, Layer>;
  /** The layer beside them, whose output is added to the first of theirs; absent where there is none. */
  readonly skip?: Layer;
  /** The arithmetic. */
  readonly kernel: Kernel;
  /** The parameters. They change in `optimize` and `loadStateDict` only; `stateDict` gives copies. */
  readonly weights: ParameterBlock;
  /** Names of the parameters that do not learn. */
  readonly frozen: ReadonlySet<string>;
  /** What to build the same model from: plain JSON, for model files. */
  readonly configuration: Readonly<Record<string, unknown>>;
  /** The state before the first step: zeros. */
  zeroState(lanes?: number): State;
  /**
   * One step in time, for `scan`: a token (one lane), tokens (one per lane) or features (`lanes × inputSize`) and the
   * state before, to the output and the state after. Pure: neither argument is written, both results are fresh.
   * The numbers are those of `unroll`, to the bit.
   */
  step(input: Token | LayerInput, state: State): Stepped;
  /**
   * Buffers of its own for windows of up to `steps` steps, or a few more, of exactly `lanes` lanes. With `previous`, it
   * continues where that tape stopped: its count of passes and, if the lanes are as many, its carried state.
   */
  tape(steps: number, lanes: number, previous?: Tape): Tape;
  /**
   * Gives all memory back and ends the model's threads. A second call does nothing; every other use of a disposed
   * model, and of its tapes, is an Error. What `stateDict`, `outputs` and the like have copied stays.
   */
  dispose(): void;
  /** `dispose`, for `using`. */
  [Symbol.dispose](): void;
}

/** What one step in time gives. */
export interface Stepped {
  /** `[lanes, outputSize]`: logits, where the model ends in a linear layer. */
  readonly output: Tensor;
  readonly state: State;
  /** `[lanes, source steps]`: what a decoder with an attention looked at, as shares that add up to 1. Absent without one. */
  readonly attention?: Tensor;
}

/** What a forward pass may be given besides its input. */
export interface TapeForwardOptions extends ForwardOptions {
  /** What an encoder reads first: a seq2seq needs it, other models refuse it. */
  readonly source?: Source | undefined;
  /** One flag per lane: where it is set, the lane starts from zeros. */
  readonly resets?: Uint8Array | undefined;
}

/** What a backward pass computes besides the gradients of the parameters. */
export interface BackwardOptions {
  /** Whether the gradient at the input is computed too; `false` by default. Tokens have none. */
  readonly inputGradient?: boolean | undefined;
}

/** Where the state of one lane is kept: in `numbers` from `place` on, as `Tape.readLane` gives it. */
export interface LanePlace {
  readonly numbers: Numbers;
  readonly place: number;
}

/** The buffers of one pass forward and back; each window overwrites the one before. */
export interface Tape {
  /** The most steps of a window: as many as were asked for, or a few more. */
  readonly steps: number;
  readonly lanes: number;
  /**
   * Those of the parameters, as the last backward pass left them; made when first asked for. As they may be written from
   * then on, `gradientRuns` is undefined from then on.
   */
  readonly gradients: ParameterBlock;
  /**
   * Where they are not zeros, which is all that norms, clips and some optimizers need: of a model that begins with a large
   * embedding, for which nobody has asked for `gradients`; undefined for others.
   */
  readonly gradientRuns?: GradientRuns | undefined;
  /** `steps × lanes × outputSize`, time-major: where the last forward pass left it. Read it after each pass. */
  readonly output: Numbers;
  /** The loss's gradient at `output`, written by the loss; made when first asked for. */
  readonly outputGradient: Numbers;
  /**
   * Writes the losses of target tokens to `losses` and returns their sum, without computing `output`: of a model whose last
   * layer has `targetLosses`, which says more; undefined for others.
   */
  readonly targetLosses?: LayerTape['targetLosses'];
  /** Windows run forward so far: what a handle checks to know that its numbers are still there. */
  readonly passes: number;
  /**
   * Runs a window. Recurrent layers pass over the steps where the mask is 0; what the input holds there does not matter.
   * A window that does not fit is refused before anything is written.
   */
  forward(input: LayerInput, steps: number, options?: TapeForwardOptions): void;
  /**
   * Runs step `t` of a window whose steps before it were run so too: the numbers are those of `forward` with the window up
   * to there and without options, and `backward` may follow. The output is in row t. Undefined where a layer is not
   * `inRows`.
   */
  readonly forwardStep?: ((input: LayerInput, t: number) => void) | undefined;
  /**
   * Overwrites `gradients` with those of the last forward pass. `finalState` is the loss's gradient at the state after
   * the last step: zeros without it, which truncates back-propagation at the window's end.
   */
  backward(finalState?: State, options?: BackwardOptions): void;
  /**
   * A copy of the gradient at the state before the first step, as the last `backward` left it. That of a frozen `skip` is
   * computed when it is asked for: ask before the next forward pass.
   */
  stateGradient(): State;
  /**
   * A copy of the gradient at the features, `[steps, lanes, inputSize]`; an error unless `backward` was asked for it.
   */
  inputGradient(): Tensor;
  /**
   * A copy of the weights of the attention in the last forward pass, `[steps, lanes, source steps]`; undefined where the
   * model has none.
   */
  attention(): Tensor | undefined;
  /** A copy of the carried state: the one after the last step, in a seq2seq the decoder's. */
  state(): State;
  /** Sets the carried state. A seq2seq's windows start from their sources all the same. */
  setState(state: State): void;
  /** Copies the carried state of one lane to `to` from `place` on: the parts of `state()`, one after another. */
  readLane(lane: number, to: Numbers, place?: number): void;
  /** Sets the carried state of one lane from the numbers of `from` from `place` on, in the order of `readLane`. */
  writeLane(lane: number, from: Numbers, place?: number): void;
  /** `readLane` of the first `rows` lanes, by default of as many as there are places; faster than one by one. */
  readLanes(to: readonly LanePlace[], rows?: number): void;
  /** `writeLane` of the first `rows` lanes, by default of as many as there are places; faster than one by one. */
  writeLanes(from: readonly LanePlace[], rows?: number): void;
  /** Zeros the carried state of the lanes whose flag is set. */
  reset(flags: Uint8Array): void;
  /**
   * Gives the buffers back to the model, for another tape: whatever would write on this one is an Error from now on.
   * What was last written can be read until the buffers are needed again, then reading is an Error too.
   */
  release(): void;
  /** The first layer whose output is not finite, by name. */
  firstNotFinite(): string | undefined;
}
