import type { Kernel } from '../kernel/kernel.js';
import type { Numbers } from '../types.js';
import type { Gates, Track } from './gates.js';
import type { LayerInput, NumbersByName } from './layer.js';
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
  /** This direction's part of the layer's carried numbers, and of their gradient: `lanes × hidden` a name. */
  readonly state: NumbersByName;
  readonly stateGradient: NumbersByName;
}

/** One layer in one direction; as a `LayerTape`, but for the state, which is the layer's. */
export interface Direction {
  readonly output: Numbers;
  readonly outputGradient: Numbers;
  forward(input: LayerInput, steps: number): void;
  backward(input: LayerInput, inputGradient: Numbers | undefined, steps: number): void;
}

/**
 * One layer of cells laid over time in one direction: the input's products for all steps at once, then step by step
 * the state's; back the same way, and the gradients of the weights for all steps at once.
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
  const carried = Object.entries(tracks);

  const place = { kernel, steps: capacity, lanes, hiddenSize, tracks, output, outputGradient, outputGradients };
  const tape = gates.lay(place);
  const { sums, hiddenSums, sumsGradient, hiddenSumsGradient } = tape;
  const hiddenBefore = tracks['h']!.before;
  const hiddenSumsAt = rowsOf(hiddenSums, lanes * width);
  const hiddenSumsGradientAt = rowsOf(hiddenSumsGradient, lanes * width);

  function track(name: string): Track {
    const rows = rowsOf(name === 'h' ? h : kernel.allocate((capacity + 1) * length), length);
    const [early, late] = [rows.slice(0, -1), rows.slice(1)];
    return { before: reverse ? late : early, after: reverse ? early : late, gradient: stateGradient[name]! };
  }

  function forward(input: LayerInput, steps: number): void {
    const rows = steps * lanes;
    const [first, last, on] = reverse ? [steps - 1, 0, -1] : [0, steps - 1, 1];
    for (const [name, { before }] of carried) before[first]!.set(state[name]!);
    kernel.setRows(sums, bIh, rows, width);
    if (hiddenSums !== sums) kernel.setRows(hiddenSums, bHh, rows, width);
    else if (bHh) kernel.addRows(sums, bHh, rows, width);
    if (input instanceof Int32Array) kernel.multiplyTokens(sums, input, wIh!, rows, inputSize, width);
    else kernel.multiply(sums, input, wIh!, rows, inputSize, width);
    for (let t = first; t !== last + on; t += on) {
      kernel.multiply(hiddenSumsAt[t]!, hiddenBefore[t]!, wHh!, lanes, hiddenSize, width);
      tape.step(t);
    }
    for (const [name, { after }] of carried) state[name]!.set(after[last]!);
  }

  function backward(input: LayerInput, inputGradient: Numbers | undefined, steps: number): void {
    const rows = steps * lanes;
    const [first, last, on] = reverse ? [steps - 1, 0, -1] : [0, steps - 1, 1];
    kernel.addRows(outputGradients[last]!, dh, 1, length);
    dh.fill(0);
    for (let t = last; t !== first - on; t -= on) {
      const dBefore = t === first ? dh : outputGradients[t - on]!;
      tape.stepBack(t, dBefore);
      kernel.multiplyBack(dBefore, hiddenSumsGradientAt[t]!, wHh!, lanes, hiddenSize, width);
    }
    kernel.outer(dwHh!, hiddenSumsGradient, before, rows, hiddenSize, width);
    if (input instanceof Int32Array) {
      kernel.outerTokens(dwIh!, sumsGradient, input, rows, inputSize, width);
    } else {
      kernel.outer(dwIh!, sumsGradient, input, rows, inputSize, width);
      if (inputGradient) kernel.multiplyBack(inputGradient, sumsGradient, wIh!, rows, inputSize, width);
    }
    if (dbIh) kernel.sumRows(dbIh, sumsGradient, rows, width);
    if (dbHh) kernel.sumRows(dbHh, hiddenSumsGradient, rows, width);
  }

  return { output, outputGradient, forward, backward };
}
