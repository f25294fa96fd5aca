import { embedding, linear, type Model, rnn, sequential, type TorchRandom, torchRandom } from '../../../src/index.js';
import type { Check, Golden } from '../checkGolden.js';
import type { Comparison } from '../comparison.js';

/** Numbers over [a, b) may differ by a rounding of `u*(b-a)+a` to float32. */
const UNIFORM = { absolute: 6e-8 };
/** Fewer than 16 normal deviates are computed in double. */
const SCALAR = { float32: { relative: 1.2e-7 }, float64: { relative: 1e-15 } };
/** 16 and more by torch's vectorised code, of approximate functions. */
const BLOCKS = { float32: { absolute: 1e-6 }, float64: { absolute: 1e-15, relative: 1e-15 } };

/** A field's check: the numbers in its name, its values, the comparison, the name to report, the seed, the whole case. */
type FieldCheck = (sizes: number[], values: Golden, compare: Comparison, name: string, golden: Golden) => void;

/** The fields by the pattern of their names; each starts from a fresh generator. */
const FIELDS: readonly (readonly [pattern: RegExp, check: FieldCheck])[] = [
  [/^seed$/, () => {}],
  [/^rand_\d+(_f64)?$/, (_sizes, values, compare, name, { seed }) => rand(torchRandom(seed), values, compare, name)],
  [/^randn_\d+(_f64)?$/, (_sizes, values, compare, name, { seed }) => randn(torchRandom(seed), values, compare, name)],
  [
    /^randperm_\d+$/,
    (_sizes, values, compare, name, { seed }) =>
      compare.same(name, torchRandom(seed).permutation(values.length), values),
  ],
  [
    /^randperm_\d+_x\d+$/,
    (_sizes, values, compare, name, { seed }) => {
      const random = torchRandom(seed);
      const drawn = values.map((row: number[]) => random.permutation(row.length));
      compare.same(name, drawn, values);
    },
  ],
  [
    /^randint_\d+$/,
    ([n], values, compare, name, { seed }) => {
      const random = torchRandom(seed);
      const drawn = values.map(() => random.integer(n!));
      compare.same(name, drawn, values);
    },
  ],
  [
    /^int64_random_$/,
    (_sizes, values, compare, name, { seed }) => {
      const random = torchRandom(seed);
      const drawn = values.map(() => String(random.int64()));
      compare.same(name, drawn, values);
    },
  ],
  [
    /^uniform_m05_05$/,
    (_sizes, values, compare, name, { seed }) => uniform(torchRandom(seed), 0.5, values, compare, name),
  ],
  [
    /^bernoulli_03$/,
    (_sizes, values, compare, name, { seed }) => {
      const random = torchRandom(seed);
      const drawn = values.map(() => random.bernoulli(0.3));
      compare.same(name, drawn, values);
    },
  ],
  [/^rand_\d+_then_randn_\d+_then_rand_\d+$/, checkMixed],
  [/^rnn_\d+_\d+_first\d+$/, rnnThenLinear],
  [
    /^then_linear_\d+_\d+_first\d+$/,
    (_sizes, _values, compare, name, golden) => {
      const before = Object.keys(golden).some((field) => field.startsWith('rnn_'));
      if (!before) compare.failures.push(`${name}: has no rnn before it`);
    },
  ],
  [/^lstm_\d+_\d+_layers\d+_bidir_first\d+$/, lstm],
  [
    /^embedding_\d+_\d+$/,
    (_sizes, { shape, data }, compare, name, { seed }) => {
      const [inputSize, outputSize] = shape;
      const model = sequential(
        { embedding: embedding({ inputSize, outputSize }) },
        { dtype: 'float32', random: torchRandom(seed) },
      );
      const weight = model.weights.tensors.get('embedding.weight')!;
      compare.same(`${name} shape`, weight.shape, shape);
      compare.close(name, weight.data, data, BLOCKS.float32);
    },
  ],
  [
    /^xavier_uniform_\d+_\d+$/,
    ([rows, columns], values, compare, name, { seed }) =>
      uniform(torchRandom(seed), Math.sqrt(6 / (rows! + columns!)), values, compare, name),
  ],
  [
    /^xavier_normal_\d+_\d+$/,
    ([rows, columns], values, compare, name, { seed }) => {
      const drawn = new Float32Array(values.length);
      torchRandom(seed).normals(drawn, 0, Math.sqrt(2 / (rows! + columns!)));
      compare.close(name, drawn, values, allowedOfNormals(values.length, 'float32'));
    },
  ],
  [
    /^dataloader_\d+_batch\d+_epochs$/,
    ([n], values, compare, name, { seed }) => {
      const random = torchRandom(seed);
      const drawn = values.map(() => random.dataLoaderOrder(n!).join(''));
      compare.same(name, drawn, values);
    },
  ],
];

export const rngTorch: Check = ({ cases }, compare) => {
  for (const golden of cases) {
    for (const [field, values] of Object.entries<Golden>(golden)) {
      const check = FIELDS.find(([pattern]) => pattern.test(field))?.[1];
      const sizes = (field.replaceAll('f64', '').match(/\d+/g) ?? []).map(Number);
      if (check) check(sizes, values, compare, `seed ${golden.seed} ${field}`, golden);
      else compare.failures.push(`seed ${golden.seed} ${field}: unknown field`);
    }
  }
};

/** Whole tensors of uniform numbers; float32 figures are printed with the fewest digits that distinguish them. */
function rand(random: TorchRandom, values: number[], compare: Comparison, name: string): void {
  const dtype = dtypeOf(name);
  const expected = dtype === 'float32' ? values.map(Math.fround) : values;
  compare.same(name, Array.from(random.rand(values.length, dtype)), expected);
}

function randn(random: TorchRandom, values: number[], compare: Comparison, name: string): void {
  const dtype = dtypeOf(name);
  compare.close(name, random.randn(values.length, dtype), values, allowedOfNormals(values.length, dtype));
}

function uniform(random: TorchRandom, bound: number, values: number[], compare: Comparison, name: string): void {
  const drawn = values.map(() => random.uniform(-bound, bound));
  compare.close(name, drawn, values, UNIFORM);
}

/** One stream of `rand` and `randn`. */
function checkMixed(_sizes: number[], values: number[][], compare: Comparison, name: string, { seed }: Golden): void {
  const random = torchRandom(seed);
  const parts = name.replace(/^seed \S+ /, '').split('_then_');
  for (const [i, part] of parts.entries()) {
    const check = part.startsWith('randn') ? randn : rand;
    check(random, values[i]!, compare, `${name}, ${part}`);
  }
}

/** Default initialisations of a model of ours, and of the linear layer after the recurrent one from the same stream. */
function rnnThenLinear(sizes: number[], values: Golden, compare: Comparison, name: string, golden: Golden): void {
  const [inputSize, hiddenSize] = sizes as [number, number];
  const [field, then] = Object.entries<Golden>(golden).find(([field]) => field.startsWith('then_linear_')) ?? [];
  const outputSize = Number(field?.split('_')[3] ?? 1);
  const model = sequential(
    { rnn: rnn({ inputSize, hiddenSize }), linear: linear({ inputSize: hiddenSize, outputSize }) },
    { dtype: 'float32', random: torchRandom(golden.seed) },
  );
  first(model, 'rnn', values, compare, name);
  if (then) first(model, 'linear', then, compare, `seed ${golden.seed} ${field}`);
}

function first(model: Model, layer: string, values: Golden, compare: Comparison, name: string): void {
  for (const [parameter, expected] of Object.entries<number[]>(values)) {
    const data = model.weights.tensors.get(`${layer}.${parameter}`)?.data.slice(0, expected.length) ?? [];
    compare.close(`${name} ${parameter}`, data, expected, UNIFORM);
  }
}

/** `nn.LSTM(inputSize, hiddenSize, layers, bidirectional=True)`: each parameter in the order in which torch draws it. */
function lstm(sizes: number[], values: Golden, compare: Comparison, name: string, { seed }: Golden): void {
  const [inputSize, hiddenSize, layers] = sizes as [number, number, number];
  const random = torchRandom(seed);
  const bound = 1 / Math.sqrt(hiddenSize);
  const drawn: string[] = [];
  for (let layer = 0; layer < layers; layer++) {
    for (const direction of ['', '_reverse']) {
      for (const [parameter, columns] of [
        ['weight_ih', layer === 0 ? inputSize : 2 * hiddenSize],
        ['weight_hh', hiddenSize],
        ['bias_ih', 1],
        ['bias_hh', 1],
      ] as const) {
        const field = `${parameter}_l${layer}${direction}`;
        const numbers = Array.from({ length: 4 * hiddenSize * columns }, () => random.uniform(-bound, bound));
        const expected: number[] = values[field] ?? [];
        drawn.push(field);
        compare.close(`${name} ${field}`, numbers.slice(0, expected.length), expected, UNIFORM);
      }
    }
  }
  compare.same(`${name}, its parameters`, drawn, Object.keys(values));
}

function allowedOfNormals(length: number, dtype: 'float32' | 'float64'): { absolute?: number; relative?: number } {
  return (length < 16 ? SCALAR : BLOCKS)[dtype];
}

function dtypeOf(name: string): 'float32' | 'float64' {
  return name.endsWith('_f64') ? 'float64' : 'float32';
}
