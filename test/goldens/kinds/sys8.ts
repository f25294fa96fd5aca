import { lastValueFrom, map, range, tap } from 'rxjs';
import {
  adam,
  attention,
  attentionWeights,
  backpropagate,
  crossEntropy,
  type Dtype,
  embedding,
  gradients,
  greedyDecode,
  gru,
  type Layer,
  linear,
  lstm,
  optimize,
  outputs,
  pull,
  rnn,
  scaleLoss,
  seq2seq,
  type Seq2seq,
  stateDict,
  type Tensor,
  type Tensors,
  unroll,
  type Window,
} from '../../../src/index.js';
import type { Check, Golden } from '../checkGolden.js';
import type { Allowed, Comparison } from '../comparison.js';

const AGREEMENT: Readonly<Record<Dtype, Allowed>> = {
  float64: { relative: 1e-11, absolute: 1e-11 },
  float32: { relative: 1e-4, absolute: 1e-6 },
};

const CELLS = { RNN: rnn, GRU: gru, LSTM: lstm };
const [START, END, PAD] = [0, 1, 2];

/** An encoder–decoder with attention that learns all pairs at once, from the golden's weights. */
export const sys8: Check = async ({ cases }, compare) => {
  for (const golden of cases) for (const dtype of ['float64', 'float32'] as const) await check(golden, dtype, compare);
};

async function check(golden: Golden, dtype: Dtype, compare: Comparison): Promise<void> {
  const expected = golden[dtype === 'float64' ? 'f64' : 'f32'];
  const allowed = AGREEMENT[dtype];
  const name = `${golden.name} ${dtype}`;
  const model = modelOf(golden, dtype);
  const window = windowOf(golden);
  const costs: number[] = [];
  // the sum over the pairs of the mean over their steps, or the mean over the letters that count
  const perPair = golden.cost.startsWith('sum over pairs');
  const learned$ = range(0, golden.steps).pipe(
    map(() => window),
    unroll(model),
    tap((unrolled) => {
      if (costs.length > 0 || !expected.logits_step1_first_step_of_target) return;
      const { data } = outputs(unrolled);
      const { shape: first, data: logits } = expected.logits_step1_first_step_of_target;
      compare.close(`${name} logits`, data.slice(0, first[0] * first[1]), logits, allowed);
      const { data: last } = expected.logits_step1_last_step_of_target_first_pair;
      const at = (window.steps - 1) * window.lanes * model.outputSize;
      compare.close(`${name} logits, the last`, data.slice(at, at + last.length), last, allowed);
    }),
    crossEntropy(),
    scaleLoss(({ window }) => (perPair ? window.lanes : 1)),
    backpropagate(model),
    tap((differentiated) => {
      if (costs.length === 0)
        figures(`${name} gradient`, gradients(differentiated), expected.grad_step1, allowed, compare);
    }),
    optimize(model, adam({ learningRate: golden.lr })),
    tap(({ loss }) => {
      costs.push(perPair ? loss * window.lanes : loss);
      if (costs.length > 1) return;
      figures(`${name} after 1`, stateDict(model), expected.parameters_after_step_1, allowed, compare);
    }),
  );
  await lastValueFrom(learned$);
  compare.close(`${name} costs`, costs, expected.cost, allowed);
  figures(`${name} at the end`, stateDict(model), expected.parameters_final, allowed, compare);
  for (const { word, raw } of expected.translations) {
    const tokens = greedyDecode(model, sourceOf(golden, word), { start: START, end: END, maxTokens: golden.limit });
    compare.same(`${name} ${word}`, tokens.map((token) => golden.letters[token]).join(''), raw);
  }
  if (expected.attention_of) await checkWeights(golden, model, expected.attention_of, name, compare);
}

/** The weights while one word is translated, which are those of reading what was translated. */
async function checkWeights(
  golden: Golden,
  model: Seq2seq,
  expected: Golden,
  name: string,
  compare: Comparison,
): Promise<void> {
  const source = sourceOf(golden, expected.word);
  const targets = Int32Array.from(greedyDecode(model, source, { start: START, end: END, maxTokens: golden.limit }));
  const inputs = Int32Array.of(START, ...targets.slice(0, -1));
  const window = { steps: inputs.length, lanes: 1, source: { steps: source.length, inputs: source }, inputs, targets };
  const { shape, data } = await lastValueFrom(pull([window]).pipe(unroll(model), map(attentionWeights)));
  compare.same(`${name} ${expected.word} weights`, [shape[0], shape[2]], expected.weights.shape);
  compare.close(`${name} ${expected.word} weights`, data, expected.weights.data, { absolute: 1e-9 });
}

function sourceOf({ name, letters, data }: Golden, word: string): Int32Array {
  const tokens = Array.from(word, (letter) => letters.indexOf(letter));
  if (tokens.includes(-1)) throw new Error(`${name}: a letter of ${word} is not in ${letters}`);
  const pads = data.masked ? 0 : Math.max(0, data.src.shape[1] - 1 - tokens.length);
  return Int32Array.of(...tokens, ...Array<number>(pads).fill(PAD), END);
}

function modelOf(golden: Golden, dtype: Dtype): Seq2seq {
  const { arch, hidden, embedding: size, letters, initial } = golden;
  const cell = CELLS[golden.cell as keyof typeof CELLS];
  const score = golden.score === 'scaled-dot' ? 'scaledDot' : golden.score;
  const attentionSize = initial['attention.Va.weight']?.shape[1];
  const bias = score === 'additive' ? { bias: 'attention.Wa.bias' in initial } : {};
  const luong = arch === 'luong';
  const table = (): Layer => embedding({ inputSize: letters.length, outputSize: size });
  const combined = luong ? initial['combine.weight'].shape[0] : hidden;
  return seq2seq(
    {
      encoderEmbedding: table(),
      encoder: cell({ inputSize: size, hiddenSize: hidden }),
      decoderEmbedding: table(),
      attention: attention({ score, querySize: hidden, keySize: hidden, attentionSize, ...bias }),
      decoder: cell({ inputSize: luong ? size : size + hidden, hiddenSize: hidden }),
      combine: luong
        ? linear({ inputSize: 2 * hidden, outputSize: combined, bias: 'combine.bias' in initial })
        : undefined,
      fc: linear({ inputSize: combined, outputSize: letters.length, bias: 'out.bias' in initial }),
    },
    {
      dtype,
      stateDict: new Map(
        Object.entries<Golden>(initial).map(([name, { shape, data }]): [string, Tensor] => [
          ownName(name),
          { shape, data: Float64Array.from(data) },
        ]),
      ),
    },
  );
}

/** `encoder.embedding`, `encoder.weight_ih` and `out.weight` of the file as the model has them. */
function ownName(name: string): string {
  const [part, ...rest] = name.split('.');
  if (rest.join() === 'embedding') return `${part}Embedding.weight`;
  if (part === 'out') return `fc.${rest.join('.')}`;
  return part === 'encoder' || part === 'decoder' ? `${name}_l0` : name;
}

function windowOf({ data, letters }: Golden): Window {
  const { src, src_len: lengths, dec_in: inputs, target, target_mask: counts, masked } = data;
  const [lanes, sourceSteps] = src.shape;
  const steps = inputs.shape[1];
  const byStep = (numbers: readonly number[], steps: number): Int32Array =>
    Int32Array.from({ length: steps * lanes }, (_, i) => numbers[(i % lanes) * steps + Math.floor(i / lanes)]!);
  const mask = Uint8Array.from({ length: sourceSteps * lanes }, (_, i) =>
    Number(Math.floor(i / lanes) < lengths[i % lanes]),
  );
  const targetMask = Uint8Array.from(byStep(counts.flat().map(Number), steps));
  if (letters.slice(0, 3) !== 'SE?') throw new Error(`letters must begin with SE?, got ${letters}`);
  return {
    steps,
    lanes,
    source: { steps: sourceSteps, inputs: byStep(src.data, sourceSteps), ...(masked && { mask }) },
    inputs: byStep(inputs.data, steps),
    targets: byStep(target.data, steps),
    targetMask,
  };
}

function figures(name: string, actual: Tensors, golden: Golden, allowed: Allowed, compare: Comparison): void {
  for (const [key, expected] of Object.entries<Golden>(golden ?? {})) {
    if (key === 'attention.Va.bias') continue; // its gradient is rounding, of which Adam makes steps
    const { data } = actual.get(ownName(key))!;
    if (expected.data) {
      compare.close(`${name} ${key}`, data, expected.data, allowed);
      continue;
    }
    const numbers = [...data];
    const sums: Record<string, number | number[]> = {
      sum: numbers.reduce((sum, x) => sum + x, 0),
      norm: Math.hypot(...numbers),
      first10: numbers.slice(0, 10),
      last10: numbers.slice(-10),
    };
    for (const [figure, value] of Object.entries<Golden>(expected)) {
      if (figure in sums) compare.close(`${name} ${key} ${figure}`, sums[figure]!, value, allowed);
      else compare.failures.push(`${name} ${key}: unknown figure ${figure}`);
    }
  }
}
