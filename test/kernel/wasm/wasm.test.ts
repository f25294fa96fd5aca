// The kernel in WebAssembly against the plain one, operation by operation, over random shapes: tails of vectors and
// panels, one row and many.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { singleThread } from '../../../src/kernel/wasm/singleThread.js';
import { partOf } from '../../../src/kernel/threads/sharedCall.js';
import type { ThreadTeam, ModuleInstance } from '../../../src/kernel/wasm/threadTeam.js';
import { partitionCall, sharedNames } from '../../../src/kernel/threads/partitionCall.js';
import type { Kernel } from '../../../src/kernel/kernel.js';
import { plain } from '../../../src/kernel/plain/plain.js';
import { threads } from '../../../src/kernel/threads/threads.js';
import { wasm } from '../../../src/kernel/wasm/wasm.js';
import { numpyRandom } from '../../../src/random/numpyRandom.js';
import type { Dtype, Numbers } from '../../../src/types.js';

const random = numpyRandom(5);
const kernels: Readonly<Record<Dtype, Kernel>> = { float32: wasm('float32'), float64: wasm('float64') };
const size = fc.integer({ min: 1, max: 23 });
const shapes = fc.record({ rows: fc.integer({ min: 1, max: 11 }), inputs: size, outputs: size });

/** The same normal deviates in both kernels' memory. */
function both(fast: Kernel, slow: Kernel, length: number, make = () => random.normal()): [Numbers, Numbers] {
  const [a, b] = [fast.allocate(length), slow.allocate(length)];
  for (let i = 0; i < length; i++) b[i] = a[i] = make();
  return [a, b];
}

function tokensOf(rows: number, count: number): Int32Array {
  return Int32Array.from({ length: rows }, () => random.integer(count + 1) - 1);
}

/** Equal to the bit, or within a few units of single precision of the largest number. */
function agree(exact: boolean, fast: Numbers, slow: Numbers, what: string): void {
  if (exact) {
    assert.equal([...fast], [...slow], what);
    return;
  }
  const largest = Math.max(1, ...slow.map(Math.abs));
  const tolerance = fast instanceof Float32Array ? 2e-6 : 1e-14;
  for (const [i, x] of slow.entries()) {
    if (!(Math.abs(fast[i]! - x) <= tolerance * largest))
      assert.unreachable(`${what}[${i}]: ${fast[i]}, expected ${x}`);
  }
}

interface Shape {
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** One operation on both kernels: what it writes, in both. `exact` says that float64 agrees to the bit. */
interface Case {
  readonly exact: boolean;
  run(fast: Kernel, slow: Kernel, shape: Shape): readonly (readonly [Numbers, Numbers])[];
}

const LSTM = ['h', 'c', 'tanhC'] as const;
const CASES: Readonly<Record<string, Case>> = {
  multiply: {
    exact: true,
    run(fast, slow, { rows, inputs, outputs }) {
      const [y, x, w] = [rows * outputs, rows * inputs, inputs * outputs].map((n) => both(fast, slow, n));
      fast.matrix(w![0], inputs, outputs).multiply(y![0], x![0], rows);
      slow.matrix(w![1], inputs, outputs).multiply(y![1], x![1], rows);
      return [y!];
    },
  },
  multiplyBack: {
    exact: false,
    run(fast, slow, { rows, inputs, outputs }) {
      const [dx, dy, w] = [rows * inputs, rows * outputs, inputs * outputs].map((n) => both(fast, slow, n));
      fast.matrix(w![0], inputs, outputs).multiplyBack(dx![0], dy![0], rows);
      slow.matrix(w![1], inputs, outputs).multiplyBack(dx![1], dy![1], rows);
      return [dx!];
    },
  },
  multiplyTokens: {
    exact: true,
    run(fast, slow, { rows, inputs, outputs }) {
      const [y, w] = [rows * outputs, inputs * outputs].map((n) => both(fast, slow, n));
      const tokens = tokensOf(rows, inputs);
      fast.matrix(w![0], inputs, outputs).multiplyTokens(y![0], tokens, rows);
      slow.matrix(w![1], inputs, outputs).multiplyTokens(y![1], tokens, rows);
      return [y!];
    },
  },
  outer: {
    exact: false,
    run(fast, slow, { rows, inputs, outputs }) {
      const [dw, dy, x] = [inputs * outputs, rows * outputs, rows * inputs].map((n) => both(fast, slow, n));
      fast.outer(dw![0], dy![0], x![0], rows, inputs, outputs);
      slow.outer(dw![1], dy![1], x![1], rows, inputs, outputs);
      return [dw!];
    },
  },
  outerTokens: {
    exact: false,
    run(fast, slow, { rows, inputs, outputs }) {
      const [dw, dy] = [inputs * outputs, rows * outputs].map((n) => both(fast, slow, n));
      const tokens = tokensOf(rows, inputs);
      fast.outerTokens(dw![0], dy![0], tokens, rows, inputs, outputs);
      slow.outerTokens(dw![1], dy![1], tokens, rows, inputs, outputs);
      return [dw!];
    },
  },
  gather: {
    exact: true,
    run(fast, slow, { rows, inputs, outputs }) {
      const [y, w] = [rows * outputs, inputs * outputs].map((n) => both(fast, slow, n));
      const tokens = tokensOf(rows, inputs);
      fast.gather(y![0], tokens, w![0], rows, outputs);
      slow.gather(y![1], tokens, w![1], rows, outputs);
      return [y!];
    },
  },
  scatter: {
    exact: true,
    run(fast, slow, { rows, inputs, outputs }) {
      const [dw, dy] = [inputs * outputs, rows * outputs].map((n) => both(fast, slow, n));
      const tokens = tokensOf(rows, inputs);
      fast.scatter(dw![0], dy![0], tokens, rows, outputs);
      slow.scatter(dw![1], dy![1], tokens, rows, outputs);
      return [dw!];
    },
  },
  'rows of a bias': {
    exact: true,
    run(fast, slow, { rows, outputs }) {
      const [y, z, bias, sum] = [rows * outputs, rows * outputs, outputs, outputs].map((n) => both(fast, slow, n));
      for (const [i, kernel] of [fast, slow].entries()) {
        kernel.setRows(y![i]!, bias![i], rows, outputs);
        kernel.addRows(y![i]!, bias![i]!, rows, outputs);
        kernel.sumRows(sum![i]!, z![i]!, rows, outputs);
        kernel.copy(bias![i]!, sum![i]!, outputs);
      }
      return [y!, sum!, bias!];
    },
  },
  accumulate: {
    exact: true,
    run(fast, slow, { rows, outputs }) {
      const length = rows * outputs;
      const [y, x] = [length, length].map((n) => both(fast, slow, n));
      fast.accumulate(y![0], x![0], length);
      slow.accumulate(y![1], x![1], length);
      return [y!];
    },
  },
  'zero, mask, scale, clamp': {
    exact: true,
    run(fast, slow, { rows, outputs }) {
      const length = rows * outputs;
      const [x, factors, y, z] = [length, length, length, length].map((n) => both(fast, slow, n));
      for (const [i, kernel] of [fast, slow].entries()) {
        kernel.multiplyElementwise(y![i]!, x![i]!, factors![i]!, length);
        kernel.scale(x![i]!, 0.3, length);
        kernel.clamp(z![i]!, 0.5, length);
        kernel.zero(factors![i]!, length - 1);
      }
      return fast.dtype === 'float64' ? [x!, y!, z!, factors!] : [y!, z!, factors!];
    },
  },
  lstm: {
    exact: true,
    run(fast, slow, { rows, outputs: hidden }) {
      const n = rows * hidden;
      const [gates, before] = [4 * n, n].map((length) => both(fast, slow, length));
      const [h, c, tanhC] = LSTM.map(() => both(fast, slow, n));
      const [dGates, dc, dh] = [4 * n, n, n].map((length) => both(fast, slow, length));
      for (const [i, kernel] of [fast, slow].entries()) {
        kernel.lstmCell(h![i]!, c![i]!, tanhC![i]!, gates![i]!, before![i]!, rows, hidden);
        kernel.lstmCellBack(dGates![i]!, dc![i]!, dh![i]!, gates![i]!, before![i]!, tanhC![i]!, rows, hidden);
      }
      return [h!, c!, tanhC!, gates!, dGates!, dc!];
    },
  },
  gru: {
    exact: true,
    run(fast, slow, { rows, outputs: hidden }) {
      const n = rows * hidden;
      const [gates, sums, before, h] = [3 * n, 3 * n, n, n].map((length) => both(fast, slow, length));
      const [dGates, dSums, dBefore, dh] = [3 * n, 3 * n, n, n].map((length) => both(fast, slow, length));
      for (const [i, kernel] of [fast, slow].entries()) {
        kernel.gruCell(h![i]!, gates![i]!, sums![i]!, before![i]!, rows, hidden);
        kernel.gruCellBack(
          dGates![i]!,
          dSums![i]!,
          dBefore![i]!,
          dh![i]!,
          gates![i]!,
          sums![i]!,
          before![i]!,
          rows,
          hidden,
        );
      }
      return [h!, gates!, dGates!, dSums!, dBefore!];
    },
  },
  slstm: {
    exact: true,
    run(fast, slow, { rows, outputs: hidden }) {
      const n = rows * hidden;
      const [gates, kept, dGates] = [4 * n, 4 * n, 4 * n].map((length) => both(fast, slow, length));
      const started = Array.from({ length: rows }, () => random.integer(3) > 0);
      let drawn = 0;
      /** That of a row that starts may be all zeros; others are what sLSTM divides by. */
      const divisor = (): number => (started[Math.floor(drawn++ / hidden)]! ? Math.abs(random.normal()) + 0.5 : 0);
      const nBefore = both(fast, slow, n, divisor);
      const [h, c, nAfter, m, cBefore, mBefore, dc, dn, dm, dh] = Array.from({ length: 10 }, () => both(fast, slow, n));
      for (const [i, kernel] of [fast, slow].entries()) {
        kernel.slstmCell(
          h![i]!,
          c![i]!,
          nAfter![i]!,
          m![i]!,
          kept![i]!,
          gates![i]!,
          cBefore![i]!,
          nBefore[i]!,
          mBefore![i]!,
          rows,
          hidden,
        );
        kernel.slstmCellBack(
          dGates![i]!,
          dc![i]!,
          dn![i]!,
          dm![i]!,
          dh![i]!,
          kept![i]!,
          gates![i]!,
          cBefore![i]!,
          nBefore[i]!,
          rows,
          hidden,
        );
      }
      return [h!, c!, nAfter!, m!, kept!, gates!, dGates!, dc!, dn!, dm!];
    },
  },
  rgLru: {
    exact: true,
    run(fast, slow, { rows, outputs: hidden }) {
      const n = rows * hidden;
      const share = (): number => random.uniform();
      const [decayGates, gates, startedBefore] = Array.from({ length: 3 }, () => both(fast, slow, n, share));
      const [rates, aParam] = [both(fast, slow, hidden), both(fast, slow, hidden, () => 3 * random.normal())];
      const [decay, rest, h, started, input, hBefore] = Array.from({ length: 6 }, () => both(fast, slow, n));
      const [dDecayGates, dGates, dInput, dDecay, dBefore, dStarted, dh] = Array.from({ length: 7 }, () =>
        both(fast, slow, n),
      );
      for (const [i, kernel] of [fast, slow].entries()) {
        kernel.setSoftplus(rates[i]!, aParam[i]!, hidden);
        kernel.rgLruGates(decay![i]!, rest![i]!, decayGates![i]!, rates[i]!, rows, hidden);
        kernel.rgLruCell(
          h![i]!,
          started![i]!,
          rest![i]!,
          decay![i]!,
          gates![i]!,
          input![i]!,
          hBefore![i]!,
          startedBefore![i]!,
          n,
        );
        kernel.rgLruCellBack(
          dInput![i]!,
          dGates![i]!,
          dDecay![i]!,
          dBefore![i]!,
          dStarted![i]!,
          dh![i]!,
          rest![i]!,
          decay![i]!,
          gates![i]!,
          input![i]!,
          hBefore![i]!,
          startedBefore![i]!,
          n,
        );
        kernel.rgLruGatesBack(dDecayGates![i]!, dDecay![i]!, decayGates![i]!, rates[i]!, rows, hidden);
      }
      return [rates, decay!, rest!, h!, started!, dInput!, dGates!, dDecay!, dBefore!, dStarted!, dDecayGates!];
    },
  },
  'scan, gates of minGRU and minLSTM': {
    exact: true,
    run(fast, slow, { rows, outputs: hidden }) {
      const n = rows * hidden;
      const [h, keep, fresh, before, dKeep, dBefore, dh] = Array.from({ length: 7 }, () => both(fast, slow, n));
      const [keeps, news] = [both(fast, slow, n), both(fast, slow, n)];
      const [two, three] = [2, 3].map((count) => both(fast, slow, count * n, () => 3 * random.normal()));
      const [dTwo, dThree] = [2, 3].map((count) => both(fast, slow, count * n));
      for (const [i, kernel] of [fast, slow].entries()) {
        kernel.scan(h![i]!, keep![i]!, fresh![i]!, before![i]!, n);
        kernel.scanBack(dKeep![i]!, dBefore![i]!, dh![i]!, keep![i]!, before![i]!, n);
        kernel.positive(two![i]!, rows, hidden, 2 * hidden);
        kernel.minGruGates(keeps[i]!, news[i]!, two![i]!, rows, hidden);
        kernel.minGruGatesBack(dTwo![i]!, dKeep![i]!, dh![i]!, two![i]!, rows, hidden);
        kernel.positiveBack(dTwo![i]!, two![i]!, rows, hidden, 2 * hidden);
        kernel.minLstmGates(keep![i]!, fresh![i]!, three![i]!, rows, hidden);
        kernel.minLstmGatesBack(dThree![i]!, dKeep![i]!, dh![i]!, keep![i]!, three![i]!, rows, hidden);
      }
      return [h!, dKeep!, dBefore!, keeps, news, two!, dTwo!, keep!, fresh!, three!, dThree!];
    },
  },
  'cross-entropy': {
    exact: true,
    run(fast, slow, { rows, outputs }) {
      const [x, dx, losses] = [rows * outputs, rows * outputs, rows].map((n) => both(fast, slow, n));
      const targets = tokensOf(rows, outputs).map((token) => Math.max(token, 0));
      const mask = Uint8Array.from({ length: rows }, () => random.integer(3));
      const terms = { ignoreIndex: 2, labelSmoothing: 0, weight: undefined };
      const sums = [fast, slow].map((kernel, i) =>
        kernel.crossEntropy(losses![i]!, dx![i]!, x![i]!, targets, mask, terms, rows, outputs),
      );
      assert.ok(Math.abs(sums[0]! - sums[1]!) <= 1e-5 * Math.max(1, sums[1]!));
      return [dx!, losses!];
    },
  },
  'squared error, softmax': {
    exact: true,
    run(fast, slow, { rows, outputs }) {
      const n = rows * outputs;
      const [x, dx, losses, targets] = [n, n, n, n].map((length) => both(fast, slow, length));
      const sums = [fast, slow].map((kernel, i) =>
        kernel.squaredError(losses![i]!, dx![i]!, x![i]!, targets![i]!, undefined, rows, outputs),
      );
      assert.ok(Math.abs(sums[0]! - sums[1]!) <= 1e-5 * Math.max(1, sums[1]!));
      fast.softmax(x![0], rows, outputs);
      slow.softmax(x![1], rows, outputs);
      return [dx!, losses!, x!];
    },
  },
  setColumns: {
    exact: true,
    run(fast, slow, { rows, inputs, outputs }) {
      const [y, x] = [rows * (outputs + 3), rows * (inputs + outputs)].map((n) => both(fast, slow, n));
      for (const [i, kernel] of [fast, slow].entries()) {
        kernel.setColumns(y![i]!, outputs + 3, 2, x![i]!, inputs + outputs, inputs, rows, outputs);
      }
      return [y!];
    },
  },
  softmaxRow: {
    exact: true,
    run(fast, slow, { outputs }) {
      const [p, x] = [outputs, outputs].map((n) => both(fast, slow, n));
      const sums = [fast, slow].map((kernel, i) => {
        const { largest, rest } = kernel.softmaxRow(p![i]!, x![i]!, outputs);
        const [loss, surprisal] = [kernel.allocate(1), kernel.allocate(1)];
        surprisal[0] = rest - (x![i]![0]! - largest);
        const terms = { ignoreIndex: -100, labelSmoothing: 0, weight: undefined };
        kernel.crossEntropy(loss, kernel.allocate(outputs), x![i]!, Int32Array.of(0), undefined, terms, 1, outputs);
        assert.is(surprisal[0], loss[0]);
        return kernel.allocate(2).map((_, at) => [largest, rest][at]!);
      });
      return [p!, [sums[0]!, sums[1]!]];
    },
  },
  optimizers: {
    exact: true,
    run(fast, slow, { rows, outputs }) {
      const n = rows * outputs;
      const positive = () => random.uniform();
      const [w, g, v, m] = [n, n, n, n].map((length) => both(fast, slow, length));
      const [s, t, u, q] = [n, n, n, n].map((length) => both(fast, slow, length, positive));
      const rate = { learningRate: 0.01, weightDecay: 0.1, epsilon: 1e-8 };
      const adam = { ...rate, beta1: 0.9, beta2: 0.99, decoupledDecay: 0.02, correction1: 0.3, correction2: 0.2 };
      for (const [i, kernel] of [fast, slow].entries()) {
        const sgd = { ...rate, momentum: 0.9, dampening: 0.1, nesterov: true, first: false };
        kernel.sgd(w![i]!, g![i]!, undefined, sgd);
        kernel.sgd(w![i]!, g![i]!, v![i], sgd);
        kernel.adagrad(w![i]!, g![i]!, s![i]!, rate);
        kernel.rmsprop(w![i]!, g![i]!, t![i]!, undefined, v![i], { ...rate, alpha: 0.9, momentum: 0.5 });
        kernel.adam(w![i]!, g![i]!, m![i]!, u![i]!, undefined, adam);
        kernel.adam(w![i]!, g![i]!, m![i]!, u![i]!, q![i], adam);
      }
      return [w!, v!, s!, t!, m!, u!, q!];
    },
  },
};

for (const dtype of ['float32', 'float64'] as const) {
  for (const [name, { exact, run }] of Object.entries(CASES)) {
    test(`${dtype}: ${name} agrees with plain TypeScript over random shapes`, () => {
      fc.assert(
        fc.property(shapes, (shape) => {
          for (const [i, [fast, slow]] of run(kernels[dtype], plain(dtype), shape).entries()) {
            agree(exact && dtype === 'float64', fast, slow, `${name}, ${i}`);
          }
        }),
        { numRuns: 150 },
      );
    });
  }

  for (const nonlinearity of ['tanh', 'sigmoid', 'relu', 'identity'] as const) {
    test(`${dtype}: ${nonlinearity} and its derivative agree with plain TypeScript at every length to 40`, () => {
      const slow = plain(dtype);
      for (let length = 1; length <= 40; length++) {
        const [y, dy] = [both(kernels[dtype], slow, length), both(kernels[dtype], slow, length)];
        for (const [i, kernel] of [kernels[dtype], slow].entries()) {
          kernel.activate(nonlinearity, y[i]!, length);
          kernel.activateBack(nonlinearity, dy[i]!, y[i]!, length);
        }
        agree(dtype === 'float64', ...y, 'y');
        agree(dtype === 'float64', ...dy, 'dy');
      }
    });
  }

  test(`${dtype}: a row has the same bits alone and among any number of rows`, () => {
    fc.assert(
      fc.property(shapes, ({ rows, inputs, outputs }) => {
        const kernel = kernels[dtype];
        const [y, x, w] = [rows * outputs, rows * inputs, inputs * outputs].map((n) => both(kernel, kernel, n)[0]);
        const matrix = kernel.matrix(w!, inputs, outputs);
        const alone = Array.from({ length: rows }, (_, r) => {
          const [row, from] = [kernel.allocate(outputs), kernel.allocate(inputs)];
          row.set(y!.subarray(r * outputs, (r + 1) * outputs));
          from.set(x!.subarray(r * inputs, (r + 1) * inputs));
          matrix.multiply(row, from, 1);
          return [...row];
        });
        matrix.multiply(y!, x!, rows);
        assert.equal([...y!], alone.flat());
      }),
      { numRuns: 300 },
    );
  });

  test(`${dtype}: products of a weight matrix follow weightsChanged`, () => {
    const kernel = kernels[dtype];
    const [y, x, w] = [kernel.allocate(1), kernel.allocate(1), kernel.allocate(1)];
    const matrix = kernel.matrix(w, 1, 1);
    x[0] = 1;
    for (const value of [1, 2]) {
      w[0] = value;
      kernel.weightsChanged();
      y[0] = 0;
      matrix.multiply(y, x, 1);
      assert.is(y[0], value);
    }
    assert.is(kernel.matrix(w, 1, 1), matrix);
  });

  test(`${dtype}: products agree over more rows than they work on at a time`, () => {
    const shape = fc.record({
      rows: fc.integer({ min: 250, max: 600 }),
      inputs: size,
      outputs: fc.integer({ min: 60, max: 140 }),
    });
    fc.assert(
      fc.property(shape, (shape) => {
        for (const name of ['multiply', 'outer']) {
          const { exact, run } = CASES[name]!;
          const pairs = run(kernels[dtype], plain(dtype), shape);
          for (const [fast, slow] of pairs) agree(exact && dtype === 'float64', fast, slow, name);
        }
      }),
      { numRuns: 20 },
    );
  });

  test(`${dtype}: norm is the root of the sum of squares at every length to 150`, () => {
    for (let length = 1; length <= 150; length++) {
      const [fast, slow] = both(kernels[dtype], plain(dtype), length);
      const [norm, expected] = [kernels[dtype].norm(fast, length), plain(dtype).norm(slow, length)];
      assert.ok(Math.abs(norm - expected) <= 1e-6 * expected, `${length}: ${norm}, expected ${expected}`);
    }
  });
}

for (const type of [0.5, 1, 1.5, 3, 40, Infinity]) {
  test(`norm of type ${type}: the figures of the definition, where powers are beyond the numbers, too`, () => {
    const numbers = [3, -4, 0, 0.5];
    const expected = type === Infinity ? 4 : numbers.reduce((sum, x) => sum + Math.abs(x) ** type, 0) ** (1 / type);
    for (const scale of [1, 2 ** 900, 2 ** -900]) {
      const norm =
        plain('float64').norm(
          Float64Array.from(numbers, (x) => x * scale),
          4,
          type,
        ) / scale;
      assert.ok(Math.abs(norm - expected) <= 1e-13 * expected, `${norm}, expected ${expected}`);
    }
    assert.is(plain('float64').norm(new Float64Array(3), 3, type), 0);
    assert.ok(Number.isNaN(plain('float64').norm(Float64Array.of(1, NaN, 2), 3, type)));
  });
}

test('what is not a number shows', () => {
  const kernel = kernels.float32;
  const y = kernel.allocate(5).fill(NaN);
  kernel.clamp(y, 1, 5);
  assert.ok(y.every(Number.isNaN), 'clamp');
  for (const nonlinearity of ['tanh', 'sigmoid', 'relu'] as const) {
    kernel.activate(nonlinearity, y, 5);
    assert.ok(y.every(Number.isNaN), nonlinearity);
  }
  kernel.setSoftplus(y, y, 5);
  assert.ok(y.every(Number.isNaN), 'setSoftplus');
  for (const [what, start] of [
    ['at a start', 0],
    ['after it', 1],
  ] as const) {
    const before = kernel.allocate(5).fill(start);
    const [h, c, n, m] = [kernel.allocate(5), kernel.allocate(5), kernel.allocate(5), kernel.allocate(5)];
    for (const gate of [0, 1, 2, 3]) {
      const gates = kernel.allocate(20);
      gates.fill(NaN, 5 * gate, 5 * gate + 5);
      kernel.slstmCell(h, c, n, m, kernel.allocate(20), gates, before, before, before, 1, 5);
      assert.ok([...h, ...m].some(Number.isNaN), `slstmCell, gate ${gate} ${what}`);
    }
  }
});

/** One thread that carries out whatever can be cut in parts, the last part first. */
function inParts(site: ModuleInstance): ThreadTeam {
  const functions = { ...site.exports };
  for (const name of sharedNames) {
    functions[name] = (...args) => {
      const call = partitionCall(name, args, 3, site.size);
      if (!call) return site.exports[name](...args);
      cut.add(name);
      const last = Math.ceil(args[call.counted]! / call.each) - 1;
      for (let part = last; part >= 0; part--) site.exports[name](...partOf(call, part * call.each));
      return 0;
    };
  }
  return { ...singleThread(site), functions };
}
const cut = new Set<string>();

/** The product of one row by weights that bfloat16 holds, on kernels of these teams; without a team, in float32. */
function productOfHalves(
  teams: readonly [typeof inParts, undefined],
  { inputs, outputs }: { readonly inputs: number; readonly outputs: number },
): [Numbers, Numbers] {
  const weights = Float32Array.from({ length: inputs * outputs }, () => (random.integer(255) - 127) / 256);
  const x = Float32Array.from({ length: inputs }, () => random.normal());
  const [parted, single] = teams.map((team) => {
    const kernel = wasm('float32', team, team !== undefined);
    const [w, from, to] = [kernel.allocate(weights.length), kernel.allocate(inputs), kernel.allocate(outputs)];
    w.set(weights);
    from.set(x);
    kernel.matrix(w, inputs, outputs).multiply(to, from, 1);
    return to;
  });
  return [parted!, single!];
}

for (const dtype of ['float32', 'float64'] as const) {
  test(`${dtype}: a call has the same bits whole and in parts`, () => {
    const [parted, whole] = [wasm(dtype, inParts), kernels[dtype]];
    const wide = fc.integer({ min: 1, max: 70 });
    cut.clear();
    fc.assert(
      fc.property(fc.record({ rows: wide, inputs: wide, outputs: wide }), (shape) => {
        for (const [name, { run }] of Object.entries(CASES)) {
          for (const [i, [fast, slow]] of run(parted, whole, shape).entries()) agree(true, fast, slow, `${name}, ${i}`);
        }
        for (const nonlinearity of ['tanh', 'sigmoid', 'relu'] as const) {
          const length = shape.rows * shape.outputs;
          const [y, dy] = [both(parted, whole, length), both(parted, whole, length)];
          for (const [i, kernel] of [parted, whole].entries()) {
            kernel.activate(nonlinearity, y[i]!, length);
            kernel.activateBack(nonlinearity, dy[i]!, y[i]!, length);
          }
          agree(true, ...y, nonlinearity);
          agree(true, ...dy, `${nonlinearity} back`);
        }
        if (dtype === 'float32') agree(true, ...productOfHalves([inParts, undefined], shape), 'bfloat16');
      }),
      { numRuns: 60 },
    );
    const expected = [...sharedNames].filter((name) => dtype === 'float32' || name !== 'multiplyHalves');
    assert.equal([...cut].toSorted(), expected.toSorted());
  });
}

test('two threads give the bits of one, and one that was sent home leaves the work to the other', () => {
  const [one, two] = [wasm('float32'), wasm('float32', threads(2))];
  const [rows, inputs, outputs] = [37, 93, 71];
  const results = [one, two].map((kernel) => {
    const draw = numpyRandom(3);
    const make = (length: number): Numbers => {
      const numbers = kernel.allocate(length);
      for (let i = 0; i < length; i++) numbers[i] = draw.normal();
      return numbers;
    };
    const [y, x, w, dw] = [rows * outputs, rows * inputs, inputs * outputs, inputs * outputs].map(make);
    const matrix = kernel.matrix(w!, inputs, outputs);
    const work = (): void => {
      matrix.multiply(y!, x!, rows);
      kernel.outer(dw!, y!, x!, rows, inputs, outputs);
      matrix.multiplyBack(x!, y!, rows);
    };
    work();
    kernel.close();
    work();
    return [...y!, ...x!, ...dw!];
  });
  assert.equal(results[1], results[0]);
});

test.run();
