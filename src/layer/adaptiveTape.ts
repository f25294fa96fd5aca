import type { Numbers } from '../types.js';
import { features } from './features.js';
import type { LayerTape, TapeContext } from './layer.js';
import { roomFor } from './roomFor.js';

/** A cluster of rare tokens. */
interface Cluster {
  /** Its first token. */
  readonly first: number;
  /** How many tokens it has. */
  readonly size: number;
  /** Width of the features that it reads. */
  readonly width: number;
}

export interface AdaptiveTapeOptions extends TapeContext {
  readonly inputSize: number;
  readonly outputSize: number;
  /** How many tokens the head has itself. */
  readonly shortlist: number;
  readonly clusters: readonly Cluster[];
  readonly headBias: boolean;
}

/**
 * The tape of `adaptiveSoftmax`. The head has sums for the tokens of the shortlist, and one for each cluster; with a softmax
 * over them, and one over the tokens of each cluster, `log p(token) = log head(cluster) + log tail(token)`.
 *
 * The head is computed in `forward`; the clusters in `complete`, for all rows, or in `targetLosses`, for the rows that
 * have their target there. A row's numbers are the same in both.
 */
export function adaptiveTape(options: AdaptiveTapeOptions): LayerTape {
  const { kernel, weights, steps: capacity, lanes, allocate, inputSize, outputSize, shortlist } = options;
  const most = capacity * lanes;
  const headSize = shortlist + options.clusters.length;
  const headMatrix = kernel.matrix(weights['head.weight']!, inputSize, headSize);
  const head = allocate(most * headSize);
  const headShares = allocate(most * headSize); // softmax of the head; in the backward pass the gradient at its sums
  const headLogs = new Float64Array(most); // what to take from a sum of the head for its logarithm
  const output = allocate(most * outputSize);
  const clusters = options.clusters.map((cluster, i) => ({
    ...cluster,
    slot: shortlist + i,
    upName: `tail.${i}.1.weight`,
    downName: `tail.${i}.0.weight`,
    down: kernel.matrix(weights[`tail.${i}.0.weight`]!, inputSize, cluster.width),
    up: kernel.matrix(weights[`tail.${i}.1.weight`]!, cluster.width, cluster.size),
    rows: new Int32Array(most), // those that have their target here
    count: 0,
    roomForInput: roomFor(allocate),
    roomForNarrow: roomFor(allocate),
    roomForSums: roomFor(allocate),
    roomForShares: roomFor(allocate),
    input: head, // of its rows, as are the next three; of all rows, in `complete`
    narrow: head,
    sums: head,
    shares: head, // as `headShares`
  }));
  type Tail = (typeof clusters)[number];
  const targets = new Int32Array(most);
  let x: Numbers = head; // the input of the last forward pass
  let rows = 0;
  let factors: Numbers | undefined; // of the losses of targets; undefined: the gradient is that at `output`
  let deferred = false; // `output` has not been computed
  let gathered = false; // the clusters have the rows of their targets, not all rows

  /** Writes the softmax of a row of sums and returns what to take from them for its logarithm. */
  function normalize(shares: Numbers, sums: Numbers, row: number, width: number): number {
    const [from, to] = [row * width, (row + 1) * width];
    const { largest, rest } = kernel.softmaxRow(shares.subarray(from, to), sums.subarray(from, to), width);
    return largest + rest;
  }

  /** Computes the sums of a cluster for rows of features. */
  function sumTail(tail: Tail, input: Numbers, count: number): void {
    const { size, width, down, up } = tail;
    tail.input = input;
    tail.narrow = tail.roomForNarrow(count * width);
    tail.sums = tail.roomForSums(count * size);
    tail.shares = tail.roomForShares(count * size);
    kernel.zero(tail.narrow, count * width);
    down.multiply(tail.narrow, input, count);
    kernel.zero(tail.sums, count * size);
    up.multiply(tail.sums, tail.narrow, count);
  }

  function complete(): void {
    if (!deferred) return;
    deferred = false;
    gathered = false;
    for (const tail of clusters) sumTail(tail, x, rows);
    for (let r = 0; r < rows; r++) {
      const to = r * outputSize;
      const top = r * headSize;
      const all = headLogs[r]!;
      for (let j = 0; j < shortlist; j++) output[to + j] = head[top + j]! - all;
      for (const { first, size, slot, sums, shares } of clusters) {
        const less = normalize(shares, sums, r, size) - (head[top + slot]! - all);
        for (let j = 0; j < size; j++) output[to + first + j] = sums[r * size + j]! - less;
      }
    }
  }

  /**
   * Computes the sums and shares of a cluster for the rows whose targets it has, and writes −log p of these where there is
   * an array for it; returns the sum of those losses.
   */
  function scoreTargets(tail: Tail, factors: Numbers, losses?: Numbers): number {
    const { first, size, slot, rows: own } = tail;
    let count = 0;
    for (let r = 0; r < rows; r++) {
      if (factors[r] !== 0 && targets[r]! >= first && targets[r]! < first + size) own[count++] = r;
    }
    tail.count = count;
    const input = tail.roomForInput(count * inputSize);
    for (let i = 0; i < count; i++) {
      input.set(x.subarray(own[i]! * inputSize, (own[i]! + 1) * inputSize), i * inputSize);
    }
    if (count > 0) sumTail(tail, input, count);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const r = own[i]!;
      const less = normalize(tail.shares, tail.sums, i, size) - (head[r * headSize + slot]! - headLogs[r]!);
      const loss = less - tail.sums[i * size + targets[r]! - first]!;
      if (losses) losses[r] = loss;
      sum += loss;
    }
    return sum;
  }

  return {
    output,
    state: {},
    repeats: () => false,
    forward(input, steps, forwardOptions) {
      rows = steps * lanes;
      x = features('adaptiveSoftmax', input);
      factors = undefined;
      kernel.setRows(head, weights['head.bias'], rows, headSize);
      headMatrix.multiply(head, x, rows);
      for (let r = 0; r < rows; r++) headLogs[r] = normalize(headShares, head, r, headSize);
      deferred = true;
      if (!forwardOptions?.mayDefer) complete();
    },
    complete,
    targetLosses(losses, given, givenFactors) {
      targets.set(given.subarray(0, rows));
      factors = givenFactors;
      gathered = true;
      let sum = 0;
      for (let r = 0; r < rows; r++) {
        const own = factors[r] !== 0 && targets[r]! < shortlist;
        losses[r] = own ? headLogs[r]! - head[r * headSize + targets[r]!]! : 0;
        sum += losses[r]!;
      }
      for (const tail of clusters) sum += scoreTargets(tail, factors, losses);
      return sum;
    },
    differentiate({ gradients, outputGradient }) {
      const roomForNarrow = roomFor(allocate);
      const roomForInput = roomFor(allocate);

      /** The gradient at all sums, from that at the outputs. */
      function fromOutputs(): void {
        complete();
        for (let r = 0; r < rows; r++) {
          const from = r * outputSize;
          const top = r * headSize;
          const sumOf = (first: number, size: number): number => {
            let sum = 0;
            for (let j = 0; j < size; j++) sum += outputGradient[from + first + j]!;
            return sum;
          };
          const sumOfTails = clusters.map(({ first, size }) => sumOf(first, size));
          const all = sumOfTails.reduce((sum, one) => sum + one, sumOf(0, shortlist));
          for (let j = 0; j < shortlist; j++) {
            headShares[top + j] = outputGradient[from + j]! - all * headShares[top + j]!;
          }
          for (const [i, { first, size, slot, shares }] of clusters.entries()) {
            const own = sumOfTails[i]!;
            headShares[top + slot] = own - all * headShares[top + slot]!;
            for (let j = 0; j < size; j++) {
              const at = r * size + j;
              shares[at] = outputGradient[from + first + j]! - own * shares[at]!;
            }
          }
        }
      }

      /** The gradient at the sums of the head, and at those of the clusters in the rows whose targets they have. */
      function fromTargets(factors: Numbers): void {
        if (!gathered) for (const tail of clusters) scoreTargets(tail, factors);
        gathered = true;
        for (let r = 0; r < rows; r++) {
          const top = r * headSize;
          kernel.scale(headShares.subarray(top, top + headSize), factors[r]!, headSize);
          if (factors[r] !== 0 && targets[r]! < shortlist) headShares[top + targets[r]!]! -= factors[r]!;
        }
        for (const { first, size, slot, rows: own, count, shares } of clusters) {
          for (let i = 0; i < count; i++) {
            const factor = factors[own[i]!]!;
            headShares[own[i]! * headSize + slot]! -= factor;
            kernel.scale(shares.subarray(i * size, (i + 1) * size), factor, size);
            shares[i * size + targets[own[i]!]! - first]! -= factor;
          }
        }
      }

      /** Back through a cluster, from the gradient at its sums for `count` rows to that at its input. */
      function backThrough(tail: Tail, count: number, inputGradient: Numbers | undefined): void {
        const { upName, downName, down, up, input, narrow, shares, size, width } = tail;
        const narrowGradient = roomForNarrow(count * width);
        kernel.outer(gradients[upName]!, shares, narrow, count, width, size);
        kernel.zero(narrowGradient, count * width);
        up.multiplyBack(narrowGradient, shares, count);
        kernel.outer(gradients[downName]!, narrowGradient, input, count, inputSize, width);
        if (inputGradient) down.multiplyBack(inputGradient, narrowGradient, count);
      }

      /** The same for the rows that it has, whose gradients are then added to those of all rows. */
      function backThroughRows(tail: Tail, inputGradient: Numbers | undefined): void {
        const { rows: own, count } = tail;
        if (count === 0) return;
        if (!inputGradient) return backThrough(tail, count, undefined);
        const some = roomForInput(count * inputSize);
        kernel.zero(some, count * inputSize);
        backThrough(tail, count, some);
        for (let i = 0; i < count; i++) {
          const [from, to] = [i * inputSize, own[i]! * inputSize];
          for (let j = 0; j < inputSize; j++) inputGradient[to + j]! += some[from + j]!;
        }
      }

      return {
        stateGradient: {},
        backward(_input, inputGradient) {
          if (factors) fromTargets(factors);
          else fromOutputs();
          kernel.outer(gradients['head.weight']!, headShares, x, rows, inputSize, headSize);
          if (options.headBias) kernel.sumRows(gradients['head.bias']!, headShares, rows, headSize);
          if (inputGradient) headMatrix.multiplyBack(inputGradient, headShares, rows);
          for (const tail of clusters) {
            if (factors) backThroughRows(tail, inputGradient);
            else backThrough(tail, rows, inputGradient);
          }
        },
      };
    },
  };
}
