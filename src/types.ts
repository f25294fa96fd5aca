/** How numbers are stored: float32 is the fast one, float64 agrees with NumPy and with finite differences. */
export type Dtype = 'float32' | 'float64';

/**
 * Numbers of 16 bits. float16 has 11 significant bits from 2^−14 (0.00006) up to 65504; below, its numbers are multiples
 * of 2^−24, so that they have fewer, and those up to 2^−25 become 0. bfloat16 has 8 and the range of float32.
 */
export type HalfDtype = 'float16' | 'bfloat16';

/** A flat run of numbers of either dtype. */
export type Numbers = Float32Array | Float64Array;

/** Numbers with a shape, row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Numbers;
}

/** Tensors by name: `rnn.weight_ih_l0` and so on, in the order in which the layers declare them. */
export type Tensors = ReadonlyMap<string, Tensor>;

/** A symbol as its index in a vocabulary; `-1` is "no input", the zero vector. */
export type Token = number;

/** What an encoder reads before the window that it belongs to: sequences side by side, as many as the window's lanes. */
export interface Source {
  readonly steps: number;
  /** Tokens, `steps × lanes`; or features, `steps × lanes × features`. */
  readonly inputs: Int32Array | Numbers;
  /** `steps × lanes`: 0 marks padding, before or after a sequence, which the encoder passes over. Absent: none is. */
  readonly mask?: Uint8Array | undefined;
}

/**
 * What truncated back-propagation unrolls: `steps` consecutive steps of `lanes` parallel streams, time-major
 * (the numbers of step 0 for every lane, then those of step 1, …).
 */
export interface Window {
  readonly steps: number;
  readonly lanes: number;
  /** What an encoder reads first, in as many lanes: for `seq2seq`, which needs it; other models refuse it. */
  readonly source?: Source | undefined;
  /** Tokens, `steps × lanes`; or features, `steps × lanes × features`. */
  readonly inputs: Int32Array | Numbers;
  /** Tokens, `steps × lanes`; or numbers, `steps × lanes × outputs`. */
  readonly targets: Int32Array | Numbers;
  /**
   * `steps × lanes`: 0 marks padding, which does not count in the loss and which recurrent layers pass over, their
   * state unchanged; inputs and targets may hold anything there, NaN included. Absent: every step is there.
   */
  readonly mask?: Uint8Array | undefined;
  /**
   * `steps × lanes`: 0 marks a target that does not count in the loss, whatever it holds, while the step itself is there
   * and the state goes on. Absent: every target counts where `mask` lets it.
   */
  readonly targetMask?: Uint8Array | undefined;
  /** One flag per lane: 1 means that the lane's hidden state is reset to zeros before this window. Absent: no lane does. */
  readonly resets?: Uint8Array | undefined;
}

/**
 * What recurrent layers hand from one step to the next, and the accumulator of a `scan`: tensors by name, such as
 * `rnn.h`, of shape `[layers, lanes, hiddenSize]`. A state that was emitted is never written again.
 */
export type State = Tensors;

/** What one update did; plain JSON, for logs, progress lines, plots and recordings. */
export interface TrainingStep {
  /** Updates so far, from 1. */
  readonly step: number;
  /** Targets learned so far, this step's included. */
  readonly tokens: number;
  /** Mean loss of the window per target that counts: nats for cross-entropy. */
  readonly loss: number;
  /** Global norm of the gradient before clipping. */
  readonly gradientNorm: number;
  /** The rate that this update was made by. */
  readonly learningRate: number;
  /** Of a `jointLoss`: the mean loss of each head by name, without its weight. Absent for other losses. */
  readonly heads?: Readonly<Record<string, number>>;
}
