import type { Kernel } from '../kernel/kernel.js';
import type { Random } from '../random/random.js';
import type { Numbers } from '../types.js';
import type { Gates, Track } from './gates.js';
import type { ForwardOptions, LayerInput, NumbersByName } from './layer.js';
import { rowsOf } from './rowsOf.js';

export interface DirectionOptions {
  readonly kernel: Kernel;
  readonly gates: Gates;
  /** `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`: without the layer's suffix. */
  readonly weights: NumbersByName;
  readonly gradients: NumbersByName;
  readonly steps: number;
  readonly lanes: number;
  readonly inputSize: number;
  readonly hiddenSize: number;
  /** From the last step to the first. */
  readonly reverse: boolean;
  /** The share of the state dropped, the same numbers at every step of a window, before the recurrent product. */
  readonly recurrentDropout: number;
  /** This direction's part of the layer's carried numbers, and of their gradient: `lanes × hidden` a name. */
  readonly state: NumbersByName;
  readonly stateGradient: NumbersByName;
}

/** One layer in one direction; as a `LayerTape`, but for the state, which is the layer's. */
export interface Direction {
  readonly output: Numbers;
  readonly outputGradient: Numbers;
  /** `mask`, `steps × lanes`: where it is 0, the lane passes over the step. */
  forward(input: LayerInput, steps: number, options?: ForwardOptions): void;
  backward(input: LayerInput, inputGradient: Numbers | undefined, steps: number): void;
}

/**
 * One layer of cells laid over time in one direction: the input's products for all steps at once, then step by step
 * the state's; back the same way, and the gradients of the weights for all steps at once.
 *
 * Where a lane is padding, `h[t] = h[t−1]`, what else is carried likewise, and the output is 0. So back there
 * `dh[t−1] = dh[t]`, and with `dh[t] = 0` and `dc[t] = 0` for the cell all gradients at its sums are 0.
 */
export function direction(options: DirectionOptions): Direction {
  const { kernel, gates, weights, gradients, steps: capacity, lanes, inputSize, hiddenSize, reverse } = options;
  const { state, stateGradient } = options;
  const { weight_ih: wIh, weight_hh: wHh, bias_ih: bIh, bias_hh: bHh } = weights;
  const { weight_ih: dwIh, weight_hh: dwHh, bias_ih: dbIh, bias_hh: dbHh } = gradients;
  const length = lanes * hiddenSize; // of one step
  const width = gates.count * hiddenSize; // of one row of sums

  // steps + 1 rows a name: forward, row t is before and row t + 1 after step t; in reverse the other way round
  const h = kernel.allocate((capacity + 1) * length);
  const before = reverse ? h.subarray(length) : h.subarray(0, capacity * length);
  const output = reverse ? h.subarray(0, capacity * length) : h.subarray(length);
  const outputGradient = kernel.allocate(capacity * length);
  const outputGradients = rowsOf(outputGradient, length);
  const dh = stateGradient['h']!;
  const tracks: Readonly<Record<string, Track>> = Object.fromEntries(gates.carried.map((name) => [name, track(name)]));
  const carried = Object.entries(tracks).map(([name, track]) => ({ name, track }));
  const { before: hiddenBefore, after: hiddenAfter } = tracks['h']!;
  const others = carried
    .filter(({ name }) => name !== 'h')
    .map(({ track: { gradient } }) => ({ gradient, kept: kernel.allocate(length) })); // `kept`: past a step of padding
  let mask: Uint8Array | undefined; // of the window that was last run forward
  const sieve = options.recurrentDropout > 0 ? makeSieve() : undefined;
  let sieving = false;

  const fromInput = kernel.matrix(wIh!, inputSize, width);
  const fromState = kernel.matrix(wHh!, hiddenSize, width);
  const place = { kernel, steps: capacity, lanes, hiddenSize, tracks, output, outputGradient, outputGradients };
  const tape = gates.lay(place);
  const { sums, hiddenSums, sumsGradient, hiddenSumsGradient } = tape;
  const hiddenSumsAt = rowsOf(hiddenSums, lanes * width);
  const hiddenSumsGradientAt = rowsOf(hiddenSumsGradient, lanes * width);

  function track(name: string): Track {
    const rows = rowsOf(name === 'h' ? h : kernel.allocate((capacity + 1) * length), length);
    const [early, late] = [rows.slice(0, -1), rows.slice(1)];
    return { before: reverse ? late : early, after: reverse ? early : late, gradient: stateGradient[name]! };
  }

  /** Inverted dropout of the state: `states[t] = h[t − 1] · factors`, factors 0 or 1 / (1 − p). */
  function makeSieve() {
    const states = kernel.allocate(capacity * length);
    const [factors, gradient] = [kernel.allocate(length), kernel.allocate(length)];
    return { states, statesAt: rowsOf(states, length), factors, gradient };
  }
  function drawFactors(factors: Numbers, random: Random): void {
    const share = options.recurrentDropout;
    for (let i = 0; i < length; i++) factors[i] = random.uniform() < share ? 0 : 1 / (1 - share);
  }
  /** What the recurrent product reads at step t. */
  function stateFor(t: number): Numbers {
    if (!sieve || !sieving) return hiddenBefore[t]!;
    kernel.multiplyElementwise(sieve.statesAt[t]!, hiddenBefore[t]!, sieve.factors, length);
    return sieve.statesAt[t]!;
  }
  /** The recurrent product's share of the gradient at the state before step t. */
  function productBack(t: number, dBefore: Numbers): void {
    if (!sieve || !sieving) {
      fromState.multiplyBack(dBefore, hiddenSumsGradientAt[t]!, lanes);
      return;
    }
    kernel.zero(sieve.gradient, length);
    fromState.multiplyBack(sieve.gradient, hiddenSumsGradientAt[t]!, lanes);
    kernel.multiplyElementwise(sieve.gradient, sieve.gradient, sieve.factors, length);
    kernel.addRows(dBefore, sieve.gradient, 1, length);
  }

  /** `y = x` in the lanes that are padding at step t; zeros without `x`. */
  function setPads(t: number, y: Numbers, x?: Numbers): void {
    for (let lane = 0; lane < lanes; lane++) {
      if (mask![t * lanes + lane] !== 0) continue;
      const [from, to] = [lane * hiddenSize, (lane + 1) * hiddenSize];
      if (!x) y.fill(0, from, to);
      else for (let i = from; i < to; i++) y[i] = x[i]!;
    }
  }

  /** From the gradients after step t to those before it where lanes are padding: nothing is left for their sums. */
  function stepBackPads(t: number, dBefore: Numbers): void {
    setPads(t, dBefore, outputGradients[t]);
    setPads(t, outputGradients[t]!);
    for (const { gradient, kept } of others) {
      setPads(t, kept, gradient);
      setPads(t, gradient);
    }
  }

  function forward(input: LayerInput, steps: number, { mask: windowMask, dropout: random }: ForwardOptions = {}): void {
    mask = windowMask;
    sieving = random !== undefined && sieve !== undefined;
    if (random && sieve) drawFactors(sieve.factors, random);
    const rows = steps * lanes;
    const [first, last, on] = reverse ? [steps - 1, 0, -1] : [0, steps - 1, 1];
    for (const { name, track } of carried) kernel.copy(track.before[first]!, state[name]!, length);
    kernel.setRows(sums, bIh, rows, width);
    if (hiddenSums !== sums) kernel.setRows(hiddenSums, bHh, rows, width);
    else if (bHh) kernel.addRows(sums, bHh, rows, width);
    if (input instanceof Int32Array) fromInput.multiplyTokens(sums, input, rows);
    else fromInput.multiply(sums, input, rows);
    for (let t = first; t !== last + on; t += on) {
      fromState.multiply(hiddenSumsAt[t]!, stateFor(t), lanes);
      tape.step(t);
      if (mask) for (const { track } of carried) setPads(t, track.after[t]!, track.before[t]);
    }
    for (const { name, track } of carried) kernel.copy(state[name]!, track.after[last]!, length);
    if (mask) for (let t = 0; t < steps; t++) setPads(t, hiddenAfter[t]!); // h is the output too
  }

  function backward(input: LayerInput, inputGradient: Numbers | undefined, steps: number): void {
    const rows = steps * lanes;
    const [first, last, on] = reverse ? [steps - 1, 0, -1] : [0, steps - 1, 1];
    if (mask) {
      for (let t = first; t !== last + on; t += on) {
        setPads(t, hiddenAfter[t]!, hiddenBefore[t]); // h again
        const dBefore = t === first ? undefined : outputGradients[t - on]!;
        setPads(t, outputGradients[t]!, dBefore); // none comes from the zeros; that at the h before waits here
        if (dBefore) setPads(t, dBefore);
      }
    }
    kernel.addRows(outputGradients[last]!, dh, 1, length);
    kernel.zero(dh, length);
    for (let t = last; t !== first - on; t -= on) {
      const dBefore = t === first ? dh : outputGradients[t - on]!;
      if (mask) stepBackPads(t, dBefore);
      tape.stepBack(t, dBefore);
      if (mask) for (const { gradient, kept } of others) setPads(t, gradient, kept);
      productBack(t, dBefore);
    }
    kernel.outer(dwHh!, hiddenSumsGradient, sieve && sieving ? sieve.states : before, rows, hiddenSize, width);
    if (input instanceof Int32Array) {
      kernel.outerTokens(dwIh!, sumsGradient, input, rows, inputSize, width);
    } else {
      kernel.outer(dwIh!, sumsGradient, input, rows, inputSize, width);
      if (inputGradient) fromInput.multiplyBack(inputGradient, sumsGradient, rows);
    }
    if (dbIh) kernel.sumRows(dbIh, sumsGradient, rows, width);
    if (dbHh) kernel.sumRows(dbHh, hiddenSumsGradient, rows, width);
    if (mask) for (let t = 0; t < steps; t++) setPads(t, hiddenAfter[t]!);
  }

  return { output, outputGradient, forward, backward };
}
