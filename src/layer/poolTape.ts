import type { Numbers } from '../types.js';
import { features } from './features.js';
import type { LayerTape, TapeContext } from './layer.js';

/** What `summary` takes of the steps so far. */
export type Pool = 'last' | 'mean' | 'max';

/** One pool over the steps that exist, of all lanes; what it carries is in arrays of its own, `lanes × size`. */
interface Pooling {
  readonly state: Readonly<Record<string, Numbers>>;
  /** Takes in the row of a step and writes the row of the steps so far; rows begin at `at`. */
  step(output: Numbers, x: Numbers, at: number, lane: number, row: number): void;
  /** The same back: adds to the gradient at `x`, and carries the one at the state in `carried`. */
  stepBack(dx: Numbers | undefined, dOutput: Numbers, output: Numbers, at: number, lane: number, row: number): void;
  readonly carried: Readonly<Record<string, Numbers>>;
}

/** The names of what a pool carries, and how many numbers of a lane each has. */
export function pooledState(pool: Pool, size: number): Readonly<Record<string, readonly [layers: 1, size: number]>> {
  if (pool === 'last') return {};
  return { [pool === 'mean' ? 'sum' : 'max']: [1, size], count: [1, 1] };
}

/**
 * Unrolls a summary over the steps of windows. With `bidirectional`, `last` takes the second half of the numbers at each
 * lane's first step.
 *
 * Mean: `s[t] = s[t−1] + x[t]`, `n[t] = n[t−1] + 1`, `y = s / n`, so back `ds[t−1] = ds[t] + dy / n` and
 * `dx[t] = ds[t−1]`. Max: the gradient goes to the latest step that raised it, on a tie to the earlier.
 */
export function poolTape(pool: Pool, size: number, bidirectional: boolean, context: TapeContext): LayerTape {
  const { steps: capacity, lanes, allocate } = context;
  const output = allocate(capacity * lanes * size);
  const pooling = { last: lastStep, mean: meanOfSteps, max: largestOfSteps }[pool](size, context);
  const firstHalf = bidirectional ? size / 2 : size; // the others are taken at the first step
  const firstRows = new Int32Array(lanes); // of each lane in the last window
  let mask: Uint8Array | undefined; // of the last window

  /** Where a lane has its first step in the window; −1 where it has none. */
  function findFirstRows(steps: number): void {
    for (let lane = 0; lane < lanes; lane++) {
      let row = lane;
      while (row < steps * lanes && mask?.[row] === 0) row += lanes;
      firstRows[lane] = row < steps * lanes ? row : -1;
    }
  }

  return {
    output,
    state: pooling.state,
    forward(input, steps, options = {}) {
      ({ mask } = options);
      const x = features('summary', input);
      findFirstRows(steps);
      for (let row = 0; row < steps * lanes; row++) {
        const at = row * size;
        const lane = row % lanes;
        if (mask?.[row] === 0) {
          output.fill(0, at, at + size);
          continue;
        }
        pooling.step(output, x, at, lane, row);
        const first = firstRows[lane]! * size;
        for (let i = firstHalf; i < size; i++) output[at + i] = x[first + i]!;
      }
    },
    differentiate: ({ outputGradient }) => ({
      stateGradient: pooling.carried,
      backward(_input, inputGradient, steps) {
        for (let row = steps * lanes - 1; row >= 0; row--) {
          if (mask?.[row] === 0) continue;
          const at = row * size;
          const lane = row % lanes;
          const first = firstRows[lane]! * size;
          for (let i = firstHalf; i < size; i++) {
            if (inputGradient) inputGradient[first + i]! += outputGradient[at + i]!;
            outputGradient[at + i] = 0;
          }
          pooling.stepBack(inputGradient, outputGradient, output, at, lane, row);
        }
      },
    }),
  };
}

function lastStep(size: number): Pooling {
  return {
    state: {},
    carried: {},
    step(output, x, at) {
      for (let i = at; i < at + size; i++) output[i] = x[i]!;
    },
    stepBack(dx, dOutput, _output, at) {
      if (dx) for (let i = at; i < at + size; i++) dx[i]! += dOutput[i]!;
    },
  };
}

function meanOfSteps(size: number, { steps, lanes, allocate }: TapeContext): Pooling {
  const [sum, count] = [allocate(lanes * size), allocate(lanes)];
  const [dSum, dCount] = [allocate(lanes * size), allocate(lanes)];
  const counts = allocate(steps * lanes); // after each step
  return {
    state: { sum, count },
    carried: { sum: dSum, count: dCount },
    step(output, x, at, lane, row) {
      count[lane]! += 1;
      counts[row] = count[lane]!;
      for (let i = 0, s = lane * size; i < size; i++, s++) {
        sum[s]! += x[at + i]!;
        output[at + i] = sum[s]! / count[lane]!;
      }
    },
    stepBack(dx, dOutput, output, at, lane, row) {
      const n = counts[row]!;
      for (let i = 0, s = lane * size; i < size; i++, s++) {
        dSum[s]! += dOutput[at + i]! / n;
        dCount[lane]! -= (dOutput[at + i]! * output[at + i]!) / n;
        if (dx) dx[at + i]! += dSum[s]!;
      }
    },
  };
}

function largestOfSteps(size: number, { steps, lanes, allocate }: TapeContext): Pooling {
  const [max, count] = [allocate(lanes * size), allocate(lanes)]; // without a step yet, `max` means nothing
  const dMax = allocate(lanes * size);
  const raised = new Uint8Array(steps * lanes * size); // whether the step raised the largest
  return {
    state: { max, count },
    carried: { max: dMax, count: allocate(lanes) },
    step(output, x, at, lane) {
      const first = count[lane] === 0;
      count[lane]! += 1;
      for (let i = at, m = lane * size; i < at + size; i++, m++) {
        raised[i] = first || x[i]! > max[m]! ? 1 : 0;
        if (raised[i] === 1) max[m] = x[i]!;
        output[i] = max[m]!;
      }
    },
    stepBack(dx, dOutput, _output, at, lane) {
      for (let i = at, m = lane * size; i < at + size; i++, m++) {
        dMax[m]! += dOutput[i]!;
        if (raised[i] === 0) continue;
        if (dx) dx[i]! += dMax[m]!;
        dMax[m] = 0;
      }
    },
  };
}
