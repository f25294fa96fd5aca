import { methods } from '../check/methods.js';
import type { Numbers } from '../types.js';
import type { CarriedState, CellKind } from './cellKind.js';
import { denseSums } from './denseSums.js';
import type { ForwardOptions, GradientContext, LayerInput, NumbersByName, TapeContext } from './layer.js';
import { ownMemory } from './ownMemory.js';
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
  /** Whether a pass without padding and dropout only calls the kernel. */
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
 * One layer of cells unrolled over time in one direction. Forward computes the input's products for all steps at once,
 * then the state's step by step; backward goes through the steps in reverse, then computes the gradients of the weights
 * for all steps at once.
 *
 * Where a lane is padding, `h[t] = h[t−1]`, the other carried numbers stay too, and the output is 0. So the backward pass
 * has `dh[t−1] = dh[t]` there; the cell is given `dh[t] = 0` and `dc[t] = 0`, so that all gradients at its sums are 0.
 */
export function direction(kind: CellKind, recurrentDropout: number, context: DirectionContext): Direction {
  const { kernel, weights, steps: capacity, lanes, hiddenSize, reverse, state } = context;
  const memory = ownMemory('recurrent', kernel.dtype, context.allocate, []);
  const { allocate } = memory;
  const length = lanes * hiddenSize; // of one step
  const width = kind.count * hiddenSize; // of one row of sums

  // steps + 1 rows of `lanes × hidden` per carried name; `hidden` and `hiddenBefore` are two views of the rows of h.
  // With steps = 3 and lanes a, b:
  //
  //   row       0      1      2      3
  //   h       [a b]  [a b]  [a b]  [a b]
  //   forward  start  after0 after1 after2    hiddenBefore = rows 0 to 2, hidden = rows 1 to 3
  //   reverse  after0 after1 after2 start     hidden = rows 0 to 2, hiddenBefore = rows 1 to 3
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
  const cell = kind.bind({ kernel, weights, steps: capacity, lanes, hiddenSize, carried, hidden, allocate });
  methods('recurrent', 'the cell that bind returns', cell, 'step', 'differentiate');
  const { sums, hiddenSums } = cell;
  memory.check('the sums of the cell', sums, capacity * lanes * width);
  memory.check('the hiddenSums of the cell', hiddenSums, capacity * lanes * width);
  const summation = (kind.sums ?? denseSums)({
    ...context,
    allocate,
    sums,
    hiddenSums,
    state: carried['h']!,
    stateBefore: hiddenBefore,
    recurrentDropout,
  });
  methods('recurrent', 'what sums returns', summation, 'ofInput', 'differentiate');
  let padded: Numbers | undefined; // the output of windows with a mask: `hidden`, with zeros at the padding
  let mask: Uint8Array | undefined; // of the last forward pass

  /** The first and the last step in this direction, and the increment from one to the next. */
  function span(steps: number): [first: number, last: number, on: number] {
    return reverse ? [steps - 1, 0, -1] : [0, steps - 1, 1];
  }

  function withoutPadding(mask: Uint8Array, steps: number): Numbers {
    padded ??= allocate(capacity * length);
    kernel.copy(padded, hidden, steps * length);
    for (let t = 0; t < steps; t++) {
      copyPaddedLanes(mask, t, lanes, hiddenSize, padded.subarray(t * length, (t + 1) * length));
    }
    return padded;
  }

  const direction: Direction & { output: Numbers } = {
    output: hidden,
    drops: recurrentDropout > 0,
    repeats: (cell.repeats ?? false) && summation.repeats,
    forward(input, steps, options) {
      ({ mask } = options);
      const [first, last, on] = span(steps);
      for (const [name, { before }] of each) kernel.copy(before[first]!, state[name]!, length);
      summation.ofInput(input, steps, options.dropoutRandom);
      cell.beforeSteps?.(steps);
      for (let t = first; t !== last + on; t += on) {
        summation.ofState?.(t);
        cell.step(t);
        if (!mask) continue;
        for (const [, { before, after }] of each) copyPaddedLanes(mask, t, lanes, hiddenSize, after[t]!, before[t]);
      }
      for (const [name, { after }] of each) kernel.copy(state[name]!, after[last]!, length);
      direction.output = mask ? withoutPadding(mask, steps) : hidden;
    },
    differentiate({ gradients, outputGradient, stateGradient }) {
      const dh = stateGradient['h']!;
      const others = kind.carried
        .filter((name) => name !== 'h')
        .map((name) => ({ gradient: stateGradient[name]!, kept: allocate(length) })); // `kept`: past a padded step
      const outputGradients = rowsOf(outputGradient, length);
      const back = cell.differentiate({ gradients, hiddenGradient: outputGradient, carriedGradient: stateGradient });
      methods('recurrent', 'what differentiate of the cell returns', back, 'stepBack');
      const { sumsGradient, hiddenSumsGradient } = back;
      if (sumsGradient !== outputGradient) {
        memory.check('the sumsGradient of the cell', sumsGradient, capacity * lanes * width);
      }
      if (hiddenSumsGradient !== outputGradient) {
        memory.check('the hiddenSumsGradient of the cell', hiddenSumsGradient, capacity * lanes * width);
      }
      const sumsBack = summation.differentiate({ gradients, sumsGradient, hiddenSumsGradient });
      methods('recurrent', 'what differentiate of sums returns', sumsBack, 'ofInput');
      const copyPadded = (t: number, y: Numbers, x?: Numbers): void =>
        copyPaddedLanes(mask!, t, lanes, hiddenSize, y, x);

      /**
       * Moves gradients at padding out of the way. There the output is 0, so what comes from above is dropped; but
       * `h[t] = h[t−1]`, so the row of t holds the gradient of t − 1 meanwhile, and `passOver` puts it back.
       *
       * Forward, 3 steps, lanes a and b; b is padding (·) at steps 1 and 2. Numbers are outputGradients, one per lane:
       *
       *   step     0      1      2
       *   given    [1 2]  [3 4·] [5 6·]
       *   t = 0    [1 2]  [3 4·] [5 6·]    nothing is before it
       *   t = 1    [1 0]  [3 2·] [5 6·]    b: row 1 takes row 0's, row 0 is emptied
       *   t = 2    [1 0]  [3 0·] [5 2·]    b: row 2 takes row 1's, row 1 is emptied
       *
       * `backward` then adds dh, b's gradient at the final state, to row 2, and going back `passOver` moves [5 2·] to
       * row 1 and on to row 0: b's step 0 gets 2 + dh, with nothing for the sums of the padded steps.
       */
      function shiftPadded(steps: number): void {
        const [first, last, on] = span(steps);
        for (let t = first; t !== last + on; t += on) {
          const dBefore = t === first ? undefined : outputGradients[t - on]!;
          copyPadded(t, outputGradients[t]!, dBefore);
          if (dBefore) copyPadded(t, dBefore);
        }
      }
      /** Moves the gradients after step t to before it where lanes are padding: nothing is left for their sums. */
      function passOver(t: number, dBefore: Numbers): void {
        copyPadded(t, dBefore, outputGradients[t]);
        copyPadded(t, outputGradients[t]!);
        for (const { gradient, kept } of others) {
          copyPadded(t, kept, gradient);
          copyPadded(t, gradient);
        }
      }

      function backward(input: LayerInput, inputGradient: Numbers | undefined, steps: number): void {
        const [first, last, on] = span(steps);
        if (mask) shiftPadded(steps);
        kernel.accumulate(outputGradients[last]!, dh, length);
        kernel.zero(dh, length);
        for (let t = last; t !== first - on; t -= on) {
          const dBefore = t === first ? dh : outputGradients[t - on]!;
          if (mask) passOver(t, dBefore);
          back.stepBack(t, dBefore);
          if (mask) for (const { gradient, kept } of others) copyPadded(t, gradient, kept);
          sumsBack.ofState?.(t, dBefore);
        }
        back.afterSteps?.(steps);
        sumsBack.ofInput(input, inputGradient, steps);
      }

      return { backward };
    },
  };
  return direction;
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
