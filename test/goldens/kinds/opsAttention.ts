// One attention at a time, with keys and values of their own: what seq2seq never has, so the tape is run itself.
import { attention, type AttentionScore, type Dtype, type Numbers } from '../../../src/index.js';
import { createKernel } from '../../../src/kernel/createKernel.js';
import { attentionTape } from '../../../src/layer/attentionTape.js';
import type { Check, Golden } from '../checkGolden.js';

/** For figures up to 1; beside large queries float32 has fewer digits. */
const AGREEMENT = { float64: 1e-12, float32: 5e-6, 'float32 of large queries': 1e-4 };

export const opsAttention: Check = ({ cases }, compare) => {
  for (const golden of cases) {
    for (const dtype of ['float64', 'float32'] as const) {
      const { grad, loss, ...forward } = golden[dtype === 'float64' ? 'f64' : 'f32'];
      const found = run(golden, dtype);
      const large = dtype === 'float32' && golden.query.data.some((value: number) => Math.abs(value) > 8);
      const allowed = AGREEMENT[large ? 'float32 of large queries' : dtype];
      for (const [what, actual, expected] of [
        ['', found.values, { ...forward, loss: { data: [loss] } }],
        ['gradient of ', found.gradients, grad],
      ] as const) {
        for (const [name, { data }] of Object.entries<Golden>(expected)) {
          const label = `${golden.id} ${dtype} ${what}${name}`;
          if (!actual[name]) compare.failures.push(`${label}: unknown figure`);
          else compare.close(label, actual[name], data, { absolute: allowed, relative: allowed });
        }
      }
    }
  }
};

interface Found {
  readonly values: Record<string, ArrayLike<number>>;
  readonly gradients: Record<string, ArrayLike<number>>;
}

function run(golden: Golden, dtype: Dtype): Found {
  const { source_steps: steps, batch: lanes, query_size: querySize, key_size: keySize } = golden;
  const queries: number = golden.queries ?? 1;
  const valueSize = golden.values ? golden.values.shape[2] : keySize;
  const score: AttentionScore = golden.score === 'scaled-dot' ? 'scaledDot' : golden.score;
  const attentionSize: number | undefined = golden.attention_size ?? undefined;
  const bias = score === 'additive' ? { bias: 'Wa.bias' in golden.weights } : {};
  const { parameters } = attention({ score, querySize, keySize, attentionSize, ...bias });

  const kernel = createKernel('golden', dtype, {});
  const numbers = (data: readonly number[]): Numbers => {
    const array = kernel.allocate(data.length);
    array.set(data);
    return array;
  };
  const weights = Object.fromEntries(parameters.map(({ name }) => [name, numbers(golden.weights[name].data)]));
  const gradients = Object.fromEntries(parameters.map(({ name }) => [name, kernel.allocate(weights[name]!.length)]));
  const keys = numbers(golden.keys.data);
  const values = golden.values ? numbers(golden.values.data) : keys;
  const keysGradient = kernel.allocate(keys.length);
  const valuesGradient = golden.values ? kernel.allocate(values.length) : keysGradient;
  const mask = golden.mask ? Uint8Array.from(golden.mask.flat(), Number) : undefined;
  const source = { steps, keys, values, mask, keysGradient, valuesGradient };
  const tape = attentionTape({
    score,
    attentionSize,
    querySize,
    keySize,
    valueSize,
    queries,
    lanes,
    kernel,
    weights,
    source,
    allocate: kernel.allocate,
  });

  const query = numbers(golden.query.data);
  const context = kernel.allocate(queries * lanes * valueSize);
  const at = (all: Numbers, t: number, size: number): Numbers => all.subarray(t * lanes * size, (t + 1) * lanes * size);
  tape.begin();
  for (let t = 0; t < queries; t++) tape.attend(t, at(query, t, querySize), at(context, t, valueSize));
  const found = byStep(tape.weights(), queries, lanes, steps);

  const back = tape.differentiate(gradients);
  const dQuery = kernel.allocate(query.length);
  const dContext = numbers(golden.grad_context.data);
  const dWeights = numbers(byStep(golden.grad_weights.data, queries, steps, lanes));
  back.begin();
  for (let t = 0; t < queries; t++) {
    const [q, dq] = [at(query, t, querySize), at(dQuery, t, querySize)];
    back.back(t, q, dq, at(dContext, t, valueSize), at(dWeights, t, steps));
  }
  back.end(query, queries);

  const dot = (x: ArrayLike<number>, y: ArrayLike<number>): number =>
    Array.from(x).reduce((sum, value, i) => sum + value * y[i]!, 0);
  const loss = dot(context, golden.grad_context.data) + dot(found, golden.grad_weights.data);
  const ofValues = golden.values ? { values: valuesGradient } : {};
  return {
    values: { context, weights: found, loss: [loss] },
    gradients: { ...gradients, query: dQuery, keys: keysGradient, ...ofValues },
  };
}

/** `[queries, a, b]` as `[queries, b, a]`. */
function byStep(numbers: ArrayLike<number>, queries: number, a: number, b: number): number[] {
  return Array.from({ length: queries * a * b }, (_, at) => {
    const [t, rest] = [Math.floor(at / (a * b)), at % (a * b)];
    const [i, j] = [rest % a, Math.floor(rest / a)];
    return numbers[(t * a + i) * b + j]!;
  });
}
