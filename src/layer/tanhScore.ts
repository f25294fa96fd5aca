import type { Kernel } from '../kernel/kernel.js';
import type { Numbers } from '../types.js';
import { roomFor } from './roomFor.js';
import type { Score, ScoreContext } from './score.js';

/**
 * Scores by one hidden layer of tanh, `Va · tanh(Wa q + Ua k)`, with biases where there are any: additive, of Bahdanau, Cho
 * and Bengio (2015). With `concat`, of Luong, Pham and Manning (2015), the two matrices are columns of one,
 * `Wa.weight` (attention, query + key).
 *
 * Products of queries and of keys are computed once each; what goes through tanh, a row for each query and key, is
 * computed again in the backward pass instead of kept.
 */
export function tanhScore(context: ScoreContext, { size, concat }: { size: number; concat: boolean }): Score {
  const { kernel, weights, queries: capacity, lanes, allocate, source, querySize, keySize } = context;
  const { 'Wa.weight': wa, 'Ua.weight': ua, 'Va.weight': va, 'Va.bias': bv } = weights;
  const ofQuery = concat
    ? columnsOf(wa!, querySize, size, 0, querySize + keySize)
    : matrixOf(kernel, wa!, weights['Wa.bias'], querySize, size);
  const ofKeys = concat
    ? columnsOf(wa!, keySize, size, querySize, querySize + keySize)
    : matrixOf(kernel, ua!, weights['Ua.bias'], keySize, size);
  const length = lanes * size;
  const queries = allocate(capacity * length); // products of each query
  const [roomForKeys, roomForUnits, roomForGradient] = [roomFor(allocate), roomFor(allocate), roomFor(allocate)];
  let keys: Numbers; // products of the keys of this pass

  const rowOf = (all: Numbers, t: number): Numbers => all.subarray(t * length, (t + 1) * length);

  /** `tanh` of the sums of query t and each key, `steps × lanes × size`. */
  function unitsOf(t: number): Numbers {
    const { steps } = source;
    const units = roomForUnits(steps * length);
    const query = rowOf(queries, t);
    for (let s = 0; s < steps; s++) {
      for (let i = 0, at = s * length; i < length; i++) units[at + i] = keys[at + i]! + query[i]!;
    }
    kernel.activate('tanh', units, steps * length);
    return units;
  }

  return {
    begin() {
      const rows = source.steps * lanes;
      keys = roomForKeys(rows * size);
      ofKeys.multiply(keys, source.keys, rows);
    },
    compare(t, query, scores) {
      const { steps, mask } = source;
      ofQuery.multiply(rowOf(queries, t), query, lanes);
      const units = unitsOf(t);
      for (let row = 0; row < steps * lanes; row++) {
        if (mask?.[row] === 0) continue;
        const lane = row % lanes;
        let sum = bv?.[0] ?? 0;
        for (let i = 0, at = row * size; i < size; i++) sum += va![i]! * units[at + i]!;
        scores[lane * steps + (row - lane) / lanes] = sum;
      }
    },
    differentiate(gradients) {
      const dQueries = allocate(capacity * length);
      const dVa = new Float64Array(size);
      let dbv = 0;
      let dKeys: Numbers; // the gradient at the products of the keys
      return {
        begin() {
          dKeys = roomForGradient(source.steps * length);
          kernel.zero(dKeys, source.steps * length);
          dVa.fill(0);
          dbv = 0;
        },
        back(t, _query, dQuery, dScores) {
          const { steps, mask } = source;
          const units = unitsOf(t);
          const dRow = rowOf(dQueries, t);
          kernel.zero(dRow, length);
          for (let row = 0; row < steps * lanes; row++) {
            if (mask?.[row] === 0) continue;
            const lane = row % lanes;
            const d = dScores[lane * steps + (row - lane) / lanes]!;
            dbv += d;
            for (let i = 0, at = row * size, q = lane * size; i < size; i++) {
              const unit = units[at + i]!;
              const dSum = d * va![i]! * (1 - unit * unit);
              dVa[i]! += d * unit;
              dKeys[at + i]! += dSum;
              dRow[q + i]! += dSum;
            }
          }
          ofQuery.multiplyBack(dQuery, dRow, lanes);
        },
        end(given, count) {
          const [rows, sourceRows] = [count * lanes, source.steps * lanes];
          ofQuery.outer(gradients['Wa.weight']!, gradients['Wa.bias'], dQueries, given, rows);
          const dWeight = concat ? gradients['Wa.weight']! : gradients['Ua.weight']!;
          ofKeys.outer(dWeight, gradients['Ua.bias'], dKeys, source.keys, sourceRows);
          ofKeys.multiplyBack(source.keysGradient, dKeys, sourceRows);
          for (let i = 0; i < size; i++) gradients['Va.weight']![i]! += dVa[i]!;
          if (bv) gradients['Va.bias']![0]! += dbv;
        },
      };
    },
  };
}

/** The products of a matrix, or of some columns of one. */
interface Product {
  /** `y[r] = W x[r] + b`. */
  multiply(y: Numbers, x: Numbers, rows: number): void;
  /** `dx[r] += Wᵀ dy[r]`. */
  multiplyBack(dx: Numbers, dy: Numbers, rows: number): void;
  /** Adds to the gradients of matrix and bias. */
  outer(dw: Numbers, db: Numbers | undefined, dy: Numbers, x: Numbers, rows: number): void;
}

function matrixOf(kernel: Kernel, w: Numbers, b: Numbers | undefined, inputs: number, outputs: number): Product {
  const matrix = kernel.matrix(w, inputs, outputs);
  return {
    multiply(y, x, rows) {
      kernel.setRows(y, b, rows, outputs);
      matrix.multiply(y, x, rows);
    },
    multiplyBack: matrix.multiplyBack,
    outer(dw, db, dy, x, rows) {
      kernel.outer(dw, dy, x, rows, inputs, outputs);
      if (db) kernel.sumRows(db, dy, rows, outputs);
    },
  };
}

/** `inputs` columns of a matrix of `width`, from `column` on; plain loops, as a kernel has products of whole ones. */
function columnsOf(w: Numbers, inputs: number, outputs: number, column: number, width: number): Product {
  return {
    multiply(y, x, rows) {
      for (let r = 0; r < rows; r++) {
        for (let n = 0; n < outputs; n++) {
          let sum = 0;
          for (let k = 0, at = n * width + column; k < inputs; k++) sum += w[at + k]! * x[r * inputs + k]!;
          y[r * outputs + n] = sum;
        }
      }
    },
    multiplyBack(dx, dy, rows) {
      for (let r = 0; r < rows; r++) {
        for (let n = 0; n < outputs; n++) {
          const d = dy[r * outputs + n]!;
          for (let k = 0, at = n * width + column; k < inputs; k++) dx[r * inputs + k]! += d * w[at + k]!;
        }
      }
    },
    outer(dw, _db, dy, x, rows) {
      for (let r = 0; r < rows; r++) {
        for (let n = 0; n < outputs; n++) {
          const d = dy[r * outputs + n]!;
          for (let k = 0, at = n * width + column; k < inputs; k++) dw[at + k]! += d * x[r * inputs + k]!;
        }
      }
    },
  };
}
