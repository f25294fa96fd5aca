import type { Dtype, Numbers } from '../types.js';
import type { AdagradStep, AdamStep, RmspropStep, SgdStep } from './updateSteps.js';

/** What carries out a kernel's arithmetic. */
export type Backend = 'wasm' | 'plain' | 'native';

/** A function of one number: `tanh`; `relu`, max(x, 0); `sigmoid`, 1 / (1 + exp(−x)); `identity`, x itself. */
export type Nonlinearity = 'tanh' | 'relu' | 'sigmoid' | 'identity';

/** Where arrays come from. */
interface Buffers {
  /** `length` zeros. */
  allocate(length: number): Numbers;
  /** `length` tokens, zeros at first, that the kernel reads without a copy. */
  allocateTokens(length: number): Int32Array;
}

/** Buffers that are given back together: those of one tape. */
export interface BufferScope extends Buffers {
  /** A function that runs passes and may replay those that are alike, until the scope is given back. */
  repeat(): Repeat;
  /**
   * Gives back every array of the scope, whose memory serves others from now on: none of them may be read, written or
   * given to the kernel again. What the kernel keeps of them (packed copies of matrices, passes that it can repeat) goes
   * with them. Later calls of the scope's other functions, and of its repeats, are Errors; a second `free` does nothing.
   */
  free(): void;
}

/**
 * The arithmetic of the library on flat arrays: the interface behind which faster arithmetic is put.
 *
 * Matrices are row-major; `rows` counts steps × lanes. Every output is one sum over `k` in ascending order, whatever
 * the number of rows, so that a lane's forward numbers do not depend on the other lanes. Arrays come from `allocate` of
 * the same kernel, except tokens, targets, masks and single losses; the caller is responsible for lengths.
 */
export interface Kernel extends Buffers {
  readonly backend: Backend;
  /** Bits of WebAssembly's vectors: 128, or 256 in a kernel made after `wideVectors`; undefined without them. */
  readonly vectorBits: 128 | 256 | undefined;
  readonly dtype: Dtype;
  /** Buffers of their own, which can be given back before the kernel is disposed. */
  scope(): BufferScope;
  /**
   * Ends the kernel's threads and lets go of its memory, which the garbage collector takes once nobody holds an array
   * or a matrix of it; arrays keep their numbers until then. The kernel computes no more: every later call but `close`
   * and `dispose` is an Error.
   */
  dispose(): void;

  /** `y = 0`, `length` numbers. */
  zero(y: Numbers, length: number): void;
  /** `y = x`, `length` numbers. */
  copy(y: Numbers, x: Numbers, length: number): void;
  /** `y += x`, `length` numbers. */
  accumulate(y: Numbers, x: Numbers, length: number): void;
  /** `y[r] = bias` for every row, zeros without one. */
  setRows(y: Numbers, bias: Numbers | undefined, rows: number, width: number): void;
  /** `y[r] += bias` for every row. */
  addRows(y: Numbers, bias: Numbers, rows: number, width: number): void;
  /** `sum += Σ_r y[r]`. */
  sumRows(sum: Numbers, y: Numbers, rows: number, width: number): void;

  /**
   * The products of a weight matrix, `w[n][k]`, row-major `outputs × inputs`. A kernel may keep copies of it in an
   * order of its own until `weightsChanged` is called; asked again for the same array and shape, it gives the same matrix.
   */
  matrix(w: Numbers, inputs: number, outputs: number): Matrix;
  /** Says that numbers of a weight matrix were written: to be called before the next product after it. */
  weightsChanged(): void;
  /** How many times it was called. */
  weightsVersion(): number;
  /** Ends the other threads that work for this kernel; later calls run on this one alone. */
  close(): void;
  /** `dw[n][k] += Σ_r dy[r][n] · x[r][k]`. */
  outer(dw: Numbers, dy: Numbers, x: Numbers, rows: number, inputs: number, outputs: number): void;

  /** `dw[n][token r] += dy[r][n]`: `outer` for one-hot inputs; token −1 adds nothing. */
  outerTokens(dw: Numbers, dy: Numbers, tokens: Int32Array, rows: number, inputs: number, outputs: number): void;
  /** `y[r] = w[token r]`; zeros for token −1. */
  gather(y: Numbers, tokens: Int32Array, w: Numbers, rows: number, width: number): void;
  /** `dw[token r] += dy[r]`. */
  scatter(dw: Numbers, dy: Numbers, tokens: Int32Array, rows: number, width: number): void;

  /** `y = f(y)` over the first `length` numbers. */
  activate(nonlinearity: Nonlinearity, y: Numbers, length: number): void;
  /** `dy *= f′`, where `y = f(x)` gives the derivative. */
  activateBack(nonlinearity: Nonlinearity, dy: Numbers, y: Numbers, length: number): void;
  /** `y = ln(1 + e^x)` over the first `length` numbers. */
  setSoftplus(y: Numbers, x: Numbers, length: number): void;

  /**
   * One LSTM step: `gates` holds the sums of i, f, g, o side by side (`rows × 4·hidden`) and becomes the gates
   * themselves; `c = f · cBefore + i · g`, `tanhC = tanh c`, `h = o · tanhC`.
   */
  lstmCell(
    h: Numbers,
    c: Numbers,
    tanhC: Numbers,
    gates: Numbers,
    cBefore: Numbers,
    rows: number,
    hidden: number,
  ): void;
  /** Writes `dGates`, the gradient at the sums; `dc`, the gradient at `c`, becomes the one at `cBefore`. */
  lstmCellBack(
    dGates: Numbers,
    dc: Numbers,
    dh: Numbers,
    gates: Numbers,
    cBefore: Numbers,
    tanhC: Numbers,
    rows: number,
    hidden: number,
  ): void;
  /**
   * One GRU step: `gates` and `hiddenGates` hold the input's and the state's sums of r, z, n side by side
   * (`rows × 3·hidden`); `gates` becomes the gates, `n = tanh(input's + r · state's)`, and `h = n + z · (hBefore − n)`.
   */
  gruCell(h: Numbers, gates: Numbers, hiddenGates: Numbers, hBefore: Numbers, rows: number, hidden: number): void;
  /** Writes the gradients at both sums and adds to `dBefore` what bypasses them, `dh · z`. */
  gruCellBack(
    dGates: Numbers,
    dHiddenGates: Numbers,
    dBefore: Numbers,
    dh: Numbers,
    gates: Numbers,
    hiddenGates: Numbers,
    hBefore: Numbers,
    rows: number,
    hidden: number,
  ): void;

  /**
   * One sLSTM step: `gates` holds the sums of i, f, z, o side by side (`rows × 4·hidden`) and becomes i′, 1 − σ(f),
   * tanh z, σ(o); `l = log σ(f) + mBefore`, `m = max(i, l)`, but i in a row whose `nBefore` is all zeros;
   * `i′ = e^(i − m)`, `f′ = e^(l − m)`, at most 1; `c = f′ · cBefore + i′ · tanh z`, `n = f′ · nBefore + i′`,
   * `h = σ(o) · c / n`. `kept`, in the shape of `gates`, becomes f′, which of the two m follows, c / n and 1 / n.
   */
  slstmCell(
    h: Numbers,
    c: Numbers,
    n: Numbers,
    m: Numbers,
    kept: Numbers,
    gates: Numbers,
    cBefore: Numbers,
    nBefore: Numbers,
    mBefore: Numbers,
    rows: number,
    hidden: number,
  ): void;
  /** Writes `dGates`, the gradient at the sums; `dc`, `dn` and `dm` become those at the state before the step. */
  slstmCellBack(
    dGates: Numbers,
    dc: Numbers,
    dn: Numbers,
    dm: Numbers,
    dh: Numbers,
    kept: Numbers,
    gates: Numbers,
    cBefore: Numbers,
    nBefore: Numbers,
    rows: number,
    hidden: number,
  ): void;

  /**
   * How the RG-LRU's units decay, for any number of steps: with gates r (`rows × hidden`) and rates (`hidden`),
   * `decay = e^(−8 r · rate)` and `rest = 1 − decay²`.
   */
  rgLruGates(decay: Numbers, rest: Numbers, gates: Numbers, rates: Numbers, rows: number, hidden: number): void;
  /**
   * Writes `dGates`, the gradient at the gates' sums; `dDecay`, the gradient at the logarithm of `decay`, becomes the one
   * at each row's rates.
   */
  rgLruGatesBack(dGates: Numbers, dDecay: Numbers, gates: Numbers, rates: Numbers, rows: number, hidden: number): void;
  /**
   * One RG-LRU step, number by number: `keep = startedBefore · decay`, `rest`, of `rgLruGates`, becomes `1 − keep²`,
   * `h = keep · hBefore + √rest · gate · input`, and `started = 1`.
   */
  rgLruCell(
    h: Numbers,
    started: Numbers,
    rest: Numbers,
    decay: Numbers,
    gate: Numbers,
    input: Numbers,
    hBefore: Numbers,
    startedBefore: Numbers,
    length: number,
  ): void;
  /**
   * Writes the gradients at `input`, at the gate's sum, at the logarithm of `decay` and at `startedBefore`, and adds to
   * `dBefore`. The slope of `√rest` is held to that where `4 · rest` is 1e-6.
   */
  rgLruCellBack(
    dInput: Numbers,
    dGate: Numbers,
    dDecay: Numbers,
    dBefore: Numbers,
    dStarted: Numbers,
    dh: Numbers,
    rest: Numbers,
    decay: Numbers,
    gate: Numbers,
    input: Numbers,
    hBefore: Numbers,
    startedBefore: Numbers,
    length: number,
  ): void;

  /** One step of a linear recurrence, number by number: `h = keep · before + fresh`. */
  scan(h: Numbers, keep: Numbers, fresh: Numbers, before: Numbers, length: number): void;
  /** Writes `dKeep`, the gradient at `keep`, and adds to `dBefore`; the gradient at `fresh` is `dh` itself. */
  scanBack(dKeep: Numbers, dBefore: Numbers, dh: Numbers, keep: Numbers, before: Numbers, length: number): void;
  /**
   * What minGRU keeps of its state and adds to it, for any number of steps: `sums` holds the sums of candidate and gate
   * side by side (`rows × 2·hidden`), of which the gate's become z; `keep = 1 − z`, `fresh = z · candidate`.
   */
  minGruGates(keep: Numbers, fresh: Numbers, sums: Numbers, rows: number, hidden: number): void;
  /** Writes the gradient at the sums. */
  minGruGatesBack(dSums: Numbers, dKeep: Numbers, dFresh: Numbers, sums: Numbers, rows: number, hidden: number): void;
  /**
   * The same for minLSTM: `sums` holds those of candidate, f and i (`rows × 3·hidden`), of which the last two become the
   * gates; `keep = f / (f + i)`, `fresh = i / (f + i) · candidate`. Sums of gates beyond ±80 (float64: ±700) count as
   * that. Where both are below −60 (−640) their gates are as many times too large as each other, and still nearly 0.
   */
  minLstmGates(keep: Numbers, fresh: Numbers, sums: Numbers, rows: number, hidden: number): void;
  /** Writes the gradient at the sums. */
  minLstmGatesBack(
    dSums: Numbers,
    dKeep: Numbers,
    dFresh: Numbers,
    keep: Numbers,
    sums: Numbers,
    rows: number,
    hidden: number,
  ): void;
  /** Makes the first `columns` numbers of each row positive: `y + 0.5` from 0 up, else `1 / (1 + exp(−y))`. */
  positive(y: Numbers, rows: number, columns: number, yWidth: number): void;
  /** `dy *= f′` in the same columns, where `y = f(x)` gives the derivative. */
  positiveBack(dy: Numbers, y: Numbers, rows: number, columns: number, yWidth: number): void;

  /** `y[r][yColumn + n] = x[r][xColumn + n]` for n below `columns`, rows being `yWidth` and `xWidth` wide. */
  setColumns(
    y: Numbers,
    yWidth: number,
    yColumn: number,
    x: Numbers,
    xWidth: number,
    xColumn: number,
    rows: number,
    columns: number,
  ): void;
  /** `y = x · factors`, number by number; `y` may be `x`. */
  multiplyElementwise(y: Numbers, x: Numbers, factors: Numbers, length: number): void;

  /** `y[r] = exp(y[r]) / Σ exp(y[r])`. */
  softmax(y: Numbers, rows: number, width: number): void;
  /**
   * `p = softmax(x)` for one row; returns the two parts of each number's surprisal, which are those of `crossEntropy` to
   * the bit. Every call returns the same object.
   */
  softmaxRow(p: Numbers, x: Numbers, width: number): LogSum;
  /** `dy[r]`, the gradient at `y = softmax(x)`, becomes the one at `x`. */
  softmaxBack(dy: Numbers, y: Numbers, rows: number, width: number): void;
  /** `y[r] −= log Σ exp(y[r])`. */
  logSoftmax(y: Numbers, rows: number, width: number): void;
  /** `dy[r]`, the gradient at `y = logSoftmax(x)`, becomes the one at `x`. */
  logSoftmaxBack(dy: Numbers, y: Numbers, rows: number, width: number): void;

  /**
   * Softmax and cross-entropy from logits by log-sum-exp: returns the sum of losses in nats over the rows that count,
   * and writes its gradient to `dx` and each row's loss to `losses` (zeros in rows that do not): with plain terms
   * `p − y` and `−log p[target]`. Rows that count have a target below `width`.
   */
  crossEntropy(
    losses: Numbers,
    dx: Numbers,
    x: Numbers,
    targets: Int32Array,
    mask: Uint8Array | undefined,
    terms: CrossEntropyTerms,
    rows: number,
    width: number,
  ): number;
  /** `crossEntropy` with a row of probabilities as each row's target; no row is ignored. */
  softCrossEntropy(
    losses: Numbers,
    dx: Numbers,
    x: Numbers,
    targets: Numbers,
    mask: Uint8Array | undefined,
    terms: CrossEntropyTerms,
    rows: number,
    width: number,
  ): number;
  /**
   * Returns the sum of `−v t log sigmoid(x) − (1 − t) log(1 − sigmoid(x))` over the rows that count, with weights v of
   * the positive, one per output; writes its gradient to `dx` and each number's loss to `losses`.
   */
  binaryCrossEntropy(
    losses: Numbers,
    dx: Numbers,
    x: Numbers,
    targets: Numbers,
    mask: Uint8Array | undefined,
    posWeight: Numbers | undefined,
    rows: number,
    width: number,
  ): number;
  /**
   * Returns `Σ (x − target)²` over the rows that count, writes its gradient `2 (x − target)` to `dx` and each square to
   * `losses`.
   */
  squaredError(
    losses: Numbers,
    dx: Numbers,
    x: Numbers,
    targets: Numbers,
    mask: Uint8Array | undefined,
    rows: number,
    width: number,
  ): number;

  /** `(Σ |x|^type)^(1/type)`, with type 2 by default: `√ Σ x²`; for type Infinity the largest `|x|`. */
  norm(x: Numbers, length: number, type?: number): number;
  /** `x *= factor`. */
  scale(x: Numbers, factor: number, length: number): void;
  /** Holds every number to [−limit, limit]; NaN stays NaN. */
  clamp(x: Numbers, limit: number, length: number): void;

  sgd(weights: Numbers, gradients: Numbers, velocity: Numbers | undefined, step: SgdStep): void;
  adagrad(weights: Numbers, gradients: Numbers, squares: Numbers, step: AdagradStep): void;
  rmsprop(
    weights: Numbers,
    gradients: Numbers,
    squares: Numbers,
    mean: Numbers | undefined,
    velocity: Numbers | undefined,
    step: RmspropStep,
  ): void;
  adam(
    weights: Numbers,
    gradients: Numbers,
    mean: Numbers,
    squares: Numbers,
    largest: Numbers | undefined,
    step: AdamStep,
  ): void;
}

/**
 * Does `run`, or the same calls without it. The caller guarantees that with the same key `run` would make the same calls
 * of the kernel on the same arrays, whatever they hold, and do nothing else. NaN is never the same key.
 * `wasm/callCapture.ts` has the whole contract.
 */
export type Repeat = (key: number, run: () => void) => void;

/** The products of one weight matrix. */
export interface Matrix {
  /** `y[r][n] += Σ_k x[r][k] · w[n][k]`. */
  multiply(y: Numbers, x: Numbers, rows: number): void;
  /** `y[r][n] += w[n][token r]`: `multiply` for one-hot inputs; token −1 adds nothing. */
  multiplyTokens(y: Numbers, tokens: Int32Array, rows: number): void;
  /** `dx[r][k] += Σ_n dy[r][n] · w[n][k]`. */
  multiplyBack(dx: Numbers, dy: Numbers, rows: number): void;
}

/** `log Σ exp x` in two parts: `−log p[n] = rest − (x[n] − largest)`, in double precision before it is stored. */
interface LogSum {
  readonly largest: number;
  /** `log Σ exp(x − largest)`. */
  readonly rest: number;
}

/** Options of cross-entropy. */
export interface CrossEntropyTerms {
  /** A target whose row does not count. */
  readonly ignoreIndex: number;
  /** The part of a target's probability that is spread evenly over the classes. */
  readonly labelSmoothing: number;
  /** One weight per class; without them each weighs 1. */
  readonly weight: Numbers | undefined;
}
