import type { Kernel } from '../kernel/kernel.js';
import type { Random } from '../random/random.js';
import type { Numbers } from '../types.js';

/** A named parameter of a layer: its shape and how torch fills it by default. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  initialise(data: Numbers, random: Random): void;
}

/** Flat numbers by a layer's own parameter or state names. */
export type NumbersByName = Readonly<Record<string, Numbers>>;

/** What a layer reads: tokens, or features as `rows × inputSize`. */
export type LayerInput = Int32Array | Numbers;

/** What a forward pass may be given besides its input. */
export interface ForwardOptions {
  /** What dropout draws from while learning; without it nothing is dropped. */
  readonly dropout?: Random | undefined;
  /**
   * `steps × lanes`: where it is 0, recurrent layers pass over the step: the lane's state stays as it was, its output
   * is zeros, and the gradient at the state goes straight through. Absent: every step is there.
   */
  readonly mask?: Uint8Array | undefined;
}

/**
 * What a layer is, before it has numbers: sizes, parameters under torch's names, and how to lay it over time.
 * A model gives it memory; a layer itself holds none and can be used in many models.
 */
export interface Layer {
  /** Its maker: `rnn`, `linear` and so on. */
  readonly kind: string;
  /** The width of its features; for tokens, the size of the vocabulary. */
  readonly inputSize: number;
  /** Numbers that it gives a step. */
  readonly outputSize: number;
  /** `tokens`: indices only; `features`: numbers only; `either`: a token counts as its one-hot vector. */
  readonly takes: 'tokens' | 'features' | 'either';
  readonly parameters: readonly Parameter[];
  /** What it carries from step to step: name to `[layers, numbers]`, for each lane. Empty without recurrence. */
  readonly state: Readonly<Record<string, readonly [layers: number, size: number]>>;
  /** Its options as plain JSON, for model files. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  /** Buffers for windows of up to `steps` steps of exactly `lanes` lanes. */
  tape(kernel: Kernel, weights: NumbersByName, gradients: NumbersByName, steps: number, lanes: number): LayerTape;
}

/** One layer laid over the steps of a window: the forward pass writes what the backward pass reads. */
export interface LayerTape {
  /** `steps × lanes × outputSize`, time-major, written by `forward`. */
  readonly output: Numbers;
  /** The loss's gradient at `output`: written by whoever reads `output`; `backward` uses it as scratch. */
  readonly outputGradient: Numbers;
  /** The carried state, `[layers × lanes × size]`: `forward` takes it as initial and leaves the final one. */
  readonly state: NumbersByName;
  /** The gradient at the state: `backward` takes it at the final state and leaves the one at the initial state. */
  readonly stateGradient: NumbersByName;
  forward(input: LayerInput, steps: number, options?: ForwardOptions): void;
  /** Adds to the gradients of the parameters and, where there is an array for it, to the gradient at the input. */
  backward(input: LayerInput, inputGradient: Numbers | undefined, steps: number): void;
  /**
   * Says that a pass with these options, there and back, is calls of the kernel and nothing else, the same ones for the
   * same arrays and as many steps. Without it none is.
   */
  repeats?(options: ForwardOptions): boolean;
}
