import type { Kernel } from '../kernel/kernel.js';
import type { Random } from '../random/random.js';
import type { Numbers } from '../types.js';

/** A named parameter of a layer: its shape, and how it is filled at first. */
export interface Parameter {
  readonly name: string;
  /** Row-major, outputs first: `[outputs, inputs]` for a matrix. */
  readonly shape: readonly number[];
  /** Writes the initial numbers, drawn from `random`. */
  initialise(data: Numbers, random: Random): void;
}

/** Flat numbers by a layer's own parameter or state names. */
export type NumbersByName = Readonly<Record<string, Numbers>>;

/** What a layer reads: tokens, or features as `rows × inputSize`. */
export type LayerInput = Int32Array | Numbers;

/** What a forward pass may be given besides its input. */
export interface ForwardOptions {
  /** The generator that dropout draws from while learning; without it nothing is dropped. */
  readonly dropoutRandom?: Random | undefined;
  /**
   * `steps × lanes`: where it is 0, recurrent layers pass over the step: the lane's state stays as it was, its output
   * is zeros, and the gradient at the state goes straight through. Absent: every step is there.
   */
  readonly mask?: Uint8Array | undefined;
  /** Whether the layer may leave its output to `complete`, which is called before anybody reads it. */
  readonly mayDefer?: boolean | undefined;
}

/**
 * A layer before it has numbers: its sizes, its parameters under torch's names, and how to unroll it over time.
 *
 * A model gives it memory; a layer itself holds none and can be used in many models. Any object of this form is a
 * layer, of this package or not: `sequential` runs it beside the others.
 *
 * ```ts
 * import { type Layer, linear, sequential } from 'rxrnn';
 *
 * // y = factor · x, with one learned factor
 * const gain = (size: number): Layer => ({
 *   kind: 'gain',
 *   inputSize: size,
 *   outputSize: size,
 *   takes: 'features',
 *   parameters: [{ name: 'factor', shape: [1], initialise: (data) => data.fill(2) }],
 *   state: {},
 *   options: { size },
 *   tape({ weights, steps, lanes, allocate }) {
 *     const factor = weights['factor']!;
 *     const output = allocate(steps * lanes * size);
 *     return {
 *       output,
 *       state: {},
 *       forward(x, steps) {
 *         for (let i = 0; i < steps * lanes * size; i++) output[i] = factor[0]! * x[i]!;
 *       },
 *       differentiate: ({ gradients, outputGradient }) => ({
 *         stateGradient: {},
 *         backward(x, inputGradient, steps) {
 *           for (let i = 0; i < steps * lanes * size; i++) {
 *             gradients['factor']![0]! += outputGradient[i]! * x[i]!;
 *             if (inputGradient) inputGradient[i]! += outputGradient[i]! * factor[0]!;
 *           }
 *         },
 *       }),
 *     };
 *   },
 * });
 * const model = sequential({ gain: gain(2), linear: linear({ inputSize: 2, outputSize: 1 }) });
 * console.log(model.step(Float32Array.of(1, 2), model.zeroState()).output.shape); // -> [ 1, 1 ]
 * ```
 */
export interface Layer {
  /** The name of the function that made it: `rnn`, `linear` and so on. */
  readonly kind: string;
  /** The width of its features; for tokens, the size of the vocabulary. */
  readonly inputSize: number;
  /** Numbers that it gives per step. */
  readonly outputSize: number;
  /** `tokens`: indices only; `features`: numbers only; `either`: a token counts as its one-hot vector. */
  readonly takes: 'tokens' | 'features' | 'either';
  readonly parameters: readonly Parameter[];
  /** What it carries from step to step: name to `[layers, numbers]`, for each lane. Empty without recurrence. */
  readonly state: Readonly<Record<string, readonly [layers: number, size: number]>>;
  /**
   * Whether it needs the end of a sequence before it can say anything of the beginning, so that it cannot read a
   * stream; absent: it does not.
   */
  readonly bidirectional?: boolean;
  /** Its options as plain JSON, for model files. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  /**
   * Refuses features that it cannot read, `rows × inputSize`, before anything of their window is written, where it is the
   * first layer; `mask` is 0 for rows that do not matter. Absent: it reads any numbers.
   */
  readonly check?: (input: Numbers, rows: number, mask: Uint8Array | undefined) => void;
  /** Unrolls it over the steps of windows: the forward half, which is all that inference needs. */
  tape(context: TapeContext): LayerTape;
}

/** What a model gives a layer to unroll itself over time. */
export interface TapeContext {
  /** The arithmetic. */
  readonly kernel: Kernel;
  /** The parameters, by the layer's own names. */
  readonly weights: NumbersByName;
  /** The most steps of a window. */
  readonly steps: number;
  /** Lanes of every window, exactly. */
  readonly lanes: number;
  /** `length` zeros that last as long as the tape. */
  readonly allocate: (length: number) => Numbers;
}

/** One layer unrolled over the steps of a window: the forward pass writes what the backward pass reads. */
export interface LayerTape {
  /** `steps × lanes × outputSize`, time-major: where the last `forward` left it. Read it after each pass. */
  readonly output: Numbers;
  /** The carried state, `[layers × lanes × size]`: `forward` takes it as initial and leaves the final one. */
  readonly state: NumbersByName;
  forward(input: LayerInput, steps: number, options?: ForwardOptions): void;
  /** Computes the output that the last `forward` deferred, if it did. Absent: it never does. */
  complete?(): void;
  /**
   * Of a layer whose outputs are log-probabilities of tokens: writes the losses of target tokens, −log p, to `losses`,
   * one per step and lane, and returns their sum, without computing the output. The next backward pass starts from the
   * gradient of `Σ factor · loss` in place of the one at the output. A target whose factor is 0 does not count; factors
   * other than 0 may change until then. Absent: losses are computed from the output.
   */
  targetLosses?(losses: Numbers, targets: Int32Array, factors: Numbers): number;
  /** Makes the backward half; called once, before the first backward pass, and never where nothing is learned. */
  differentiate(context: GradientContext): LayerGradients;
  /**
   * Whether a pass with these options, forward and backward, only calls the kernel, with the same calls for the same
   * arrays and number of steps, so that the kernel may replay it. Absent: no pass is replayed.
   */
  repeats?(options: ForwardOptions): boolean;
  /**
   * Whether each array that `tape` allocates is either `steps` rows, one per step in this order, or one more, or of the same
   * length whatever the steps, and nothing else is kept between forward and backward where nothing is dropped and no mask
   * is given. A tape of one step that is made in the rows of step t then does there what `forward` does. `false` by
   * default.
   */
  readonly inRows?: boolean;
}

/** The gradients that one layer reads and writes. */
export interface GradientContext {
  /** Those of the parameters, by the layer's own names: `backward` adds to them. */
  readonly gradients: NumbersByName;
  /** The loss's gradient at `output`, of the same shape: `backward` reads it and may use it as scratch. */
  readonly outputGradient: Numbers;
}

/** The backward half of a layer's tape. */
export interface LayerGradients {
  /** The gradient at the state: `backward` takes it at the final state and leaves the one at the initial state. */
  readonly stateGradient: NumbersByName;
  /**
   * Runs backward through the last forward pass: adds to the gradients of the parameters and, where there is an array for
   * it, to the gradient at the input.
   */
  backward(input: LayerInput, inputGradient: Numbers | undefined, steps: number): void;
  /**
   * Of a layer whose only parameter is a table of rows, of which a backward pass adds to some only: these rows, for the
   * same input and steps; −1 is none. Absent: it may add to any number.
   */
  rowsTouched?(input: LayerInput, steps: number): Int32Array;
}
