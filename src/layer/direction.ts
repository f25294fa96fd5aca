import type { Numbers } from '../types.js';
import type { CarriedState, CellKind } from './cellKind.js';
import type { ForwardOptions, GradientContext, LayerInput, NumbersByName, TapeContext } from './layer.js';
import { recurrentProduct } from './recurrentProduct.js';
import { rowsOf } from './rowsOf.js';

/** What one layer in one direction is given. The names of its parameters come without the layer's suffix. */
export interface DirectionContext extends TapeContext {
  readonly inputSize: number;
  readonly hiddenSize: number;
  /** From the last step to the first. */
  readonly reverse: boolean;
  /** This direction's part of the layer's carried numbers: `lanes × hidden` by name. */
  readonly state: NumbersByName;
}

/** One layer in one direction; as a `LayerTape`, but for the state, which belongs to the layer. */
export interface Direction {
  /** `steps × lanes × hidden`, where the last `forward` left it. */
  readonly output: Numbers;
  /** Whether it draws from the generator of dropout, where there is one. */
  readonly drops: boolean;
  /** Whether a pass without padding and dropout is calls of the kernel and nothing else. */
  readonly repeats: boolean;
  forward(input: LayerInput, steps: number, options: ForwardOptions): void;
  differentiate(context: DirectionGradientContext): DirectionGradients;
}

interface DirectionGradientContext extends GradientContext {
  /** The gradient at `state`. */
  readonly stateGradient: NumbersByName;
}

interface DirectionGradients {
  backward(input: LayerInput, inputGradient: Numbers | undefined, steps: number): void;
}

/**
 * One layer of cells unrolled over time in one direction: the input's products for all steps at once, then step by step
 * the state's; back the same way, and the gradients of the weights for all steps at once.
 *
 * Where a lane is padding, `h[t] = h[t−1]`, what else is carried likewise, and the output is 0. So back there
 * `dh[t−1] = dh[t]`, and with `dh[t] = 0` and `dc[t] = 0` for the cell all gradients at its sums are 0.
 */
export function direction(kind: CellKind, recurrentDropout: number, context: DirectionContext): Direction {
  const { kernel, weights, steps: capacity, lanes, inputSize, hiddenSize, reverse, state, allocate } = context;
  const { weight_ih: wIh, weight_hh: wHh, bias_ih: bIh, bias_hh: bHh } = weights;
  const length = lanes * hiddenSize; // of one step
  const width = kind.count * hiddenSize; // of one row of sums

  // steps + 1 rows per name: forward, row t is before and row t + 1 after step t; in reverse the other way round
  const h = allocate((capacity + 1) * length);
  const [early, late] = [h.subarray(0, capacity * length), h.subarray(length)];
  const [hidden, hiddenBefore] = reverse ? [early, late] : [late, early];
  const carried = Object.fromEntries(
    kind.carried.map((name): [string, CarriedState] => {
      const rows = rowsOf(name === 'h' ? h : allocate((capacity + 1) * length), length);
      const [early, late] = [rows.slice(0, -1), rows.slice(1)];
      return [name, reverse ? { before: late, after: early } : { before: early, after: late }];
    }),
  );
  const each = Object.entries(carried);
  const cell = kind.bind({ kernel, steps: capacity, lanes, hiddenSize, carried, hidden, allocate });
  const { sums, hiddenSums } = cell;
  const hiddenSumsAt = rowsOf(hiddenSums, lanes * width);
  const fromInput = kernel.matrix(wIh!, inputSize, width);
  const fromState =
    wHh &&
    recurrentProduct({
      kernel,
      steps: capacity,
      lanes,
      allocate,
      weight: wHh,
      hiddenSize,
      width,
      state: carried['h']!,
      stateBefore: hiddenBefore,
      dropout: recurrentDropout,
    });
  let padded: Numbers | undefined; // the output of windows with a mask: `hidden`, with zeros at the padding
  let output = hidden;
  let mask: Uint8Array | undefined; // of the last forward pass

  /** The first and the last step in this direction, and the way from one to the next. */
  function span(steps: number): [first: number, last: number, on: number] {
    return reverse ? [steps - 1, 0, -1] : [0, steps - 1, 1];
  }

  function sumInputs(input: LayerInput, rows: number): void {
    kernel.setRows(sums, bIh, rows, width);
    if (hiddenSums !== sums) kernel.setRows(hiddenSums, bHh, rows, width);
    else if (bHh) kernel.addRows(sums, bHh, rows, width);
    if (input instanceof Int32Array) fromInput.multiplyTokens(sums, input, rows);
    else fromInput.multiply(sums, input, rows);
  }

  function withoutPadding(mask: Uint8Array, steps: number): Numbers {
    padded ??= allocate(capacity * length);
    kernel.copy(padded, hidden, steps * length);
    for (let t = 0; t < steps; t++) {
      copyPaddedLanes(mask, t, lanes, hiddenSize, padded.subarray(t * length, (t + 1) * length));
    }
    return padded;
  }

  return {
    get output() {
      return output;
    },
    drops: recurrentDropout > 0,
    repeats: cell.repeats ?? false,
    forward(input, steps, options) {
      ({ mask } = options);
      const [first, last, on] = span(steps);
      fromState?.begin(options.dropout);
      for (const [name, { before }] of each) kernel.copy(before[first]!, state[name]!, length);
      sumInputs(input, steps * lanes);
      for (let t = first; t !== last + on; t += on) {
        fromState?.multiply(t, hiddenSumsAt[t]!);
        cell.step(t);
        if (!mask) continue;
        for (const [, { before, after }] of each) copyPaddedLanes(mask, t, lanes, hiddenSize, after[t]!, before[t]);
      }
      for (const [name, { after }] of each) kernel.copy(state[name]!, after[last]!, length);
      output = mask ? withoutPadding(mask, steps) : hidden;
    },
    differentiate({ gradients, outputGradient, stateGradient }) {
      const { weight_ih: dwIh, weight_hh: dwHh, bias_ih: dbIh, bias_hh: dbHh } = gradients;
      const dh = stateGradient['h']!;
      const others = kind.carried
        .filter((name) => name !== 'h')
        .map((name) => ({ gradient: stateGradient[name]!, kept: allocate(length) })); // `kept`: past a padded step
      const outputGradients = rowsOf(outputGradient, length);
      const back = cell.differentiate({ hiddenGradient: outputGradient, carriedGradient: stateGradient });
      const { sumsGradient, hiddenSumsGradient } = back;
      const hiddenSumsGradientAt = rowsOf(hiddenSumsGradient, lanes * width);
      const backFromState = fromState?.differentiate();
      const copyPadded = (t: number, y: Numbers, x?: Numbers): void =>
        copyPaddedLanes(mask!, t, lanes, hiddenSize, y, x);

      /**
       * At padding the output is zeros, which have no gradient. The gradient at the `h` before is kept in the place
       * of the `h` after, until `passOver` hands it back.
       */
      function shiftPadded(steps: number): void {
        const [first, last, on] = span(steps);
        for (let t = first; t !== last + on; t += on) {
          const dBefore = t === first ? undefined : outputGradients[t - on]!;
          copyPadded(t, outputGradients[t]!, dBefore);
          if (dBefore) copyPadded(t, dBefore);
        }
      }
      /** Hands the gradients after step t to those before it where lanes are padding: nothing is left for their sums. */
      function passOver(t: number, dBefore: Numbers): void {
        copyPadded(t, dBefore, outputGradients[t]);
        copyPadded(t, outputGradients[t]!);
        for (const { gradient, kept } of others) {
          copyPadded(t, kept, gradient);
          copyPadded(t, gradient);
        }
      }

      function backward(input: LayerInput, inputGradient: Numbers | undefined, steps: number): void {
        const rows = steps * lanes;
        const [first, last, on] = span(steps);
        if (mask) shiftPadded(steps);
        kernel.addRows(outputGradients[last]!, dh, 1, length);
        kernel.zero(dh, length);
        for (let t = last; t !== first - on; t -= on) {
          const dBefore = t === first ? dh : outputGradients[t - on]!;
          if (mask) passOver(t, dBefore);
          back.stepBack(t, dBefore);
          if (mask) for (const { gradient, kept } of others) copyPadded(t, gradient, kept);
          backFromState?.stepBack(dBefore, hiddenSumsGradientAt[t]!);
        }
        backFromState?.outer(dwHh!, hiddenSumsGradient, steps);
        if (input instanceof Int32Array) {
          kernel.outerTokens(dwIh!, sumsGradient, input, rows, inputSize, width);
        } else {
          kernel.outer(dwIh!, sumsGradient, input, rows, inputSize, width);
          if (inputGradient) fromInput.multiplyBack(inputGradient, sumsGradient, rows);
        }
        if (dbIh) kernel.sumRows(dbIh, sumsGradient, rows, width);
        if (dbHh) kernel.sumRows(dbHh, hiddenSumsGradient, rows, width);
      }

      return { backward };
    },
  };
}

/**
 * Copies `x` to `y`, or zeros without `x`, in the lanes that are padding at step `t`: where `mask[t][lane]` is 0. Both
 * are `lanes × width`; the other lanes stay as they are.
 */
function copyPaddedLanes(mask: Uint8Array, t: number, lanes: number, width: number, y: Numbers, x?: Numbers): void {
  for (let lane = 0; lane < lanes; lane++) {
    if (mask[t * lanes + lane] !== 0) continue;
    const [from, to] = [lane * width, (lane + 1) * width];
    if (!x) y.fill(0, from, to);
    else for (let i = from; i < to; i++) y[i] = x[i]!;
  }
}
