import { readModel } from '../../src/format/readModel.js';
import { readSafetensors } from '../../src/format/readSafetensors.js';
import { safetensors } from '../../src/format/safetensors.js';
import { SafetensorsError } from '../../src/format/SafetensorsError.js';
import { vocabularyTexts } from '../../src/format/vocabularyTexts.js';
import { embedding } from '../../src/layer/embedding.js';
import type { Layer } from '../../src/layer/layer.js';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { rnn } from '../../src/layer/rnn.js';
import { sequential } from '../../src/model/sequential.js';
import { stateDict } from '../../src/model/stateDict.js';
import { vocabularyOf } from '../../src/token/vocabularyOf.js';
import type { Tensors } from '../../src/types.js';
import { draws, mutated, readEach } from './readEach.js';

/** A model file in parts. */
interface Seed {
  readonly tensors: Tensors;
  readonly texts: Readonly<Record<string, string>>;
}

const MARKS = [
  ...'{}[],:"-09',
  '1e9', '1000000000', '9007199254740991', '4096', 'null', 'true', '"numLayers":1000,', '"hiddenSize":100000000,', '"kind":"lstm"',
  '[[[[[[[[', '__proto__', '\\u0000', '"layers":[],', '{"name":"a","kind":"activation"},', '"frozen":["a"],',
]; // prettier-ignore

/** Mutated model files, an eighth of them bombs: each is read or refused, and none takes long. */
export function models(runs: number, seed: number): Promise<Readonly<Record<string, number>>> {
  const draw = draws(seed);
  const [small, large] = [valid(), bombs()];
  const make = (): Uint8Array => {
    const { tensors, texts } = draw.of(draw.below(8) === 0 ? large : small);
    const changed = { ...texts };
    const key = draw.of(Object.keys(texts));
    if (draw.below(4) > 0) changed[key] = Buffer.from(mutated(texts[key]!, MARKS, draw)).toString(); // no half surrogates
    const file = safetensors(tensors, changed);
    if (draw.below(3) === 0) file[draw.below(Math.min(file.length, 4000))]! ^= 1 << draw.below(8);
    return draw.below(10) === 0 ? file.subarray(0, draw.below(file.length)) : file;
  };
  const ours = (error: Error): boolean =>
    error instanceof SafetensorsError || error instanceof TypeError || error instanceof RangeError;
  return Promise.resolve(readEach(runs, make, (file) => readModel(file), ours));
}

function seedOf(layers: Readonly<Record<string, Layer>>, letters?: string): Seed {
  const model = sequential(layers);
  const texts = {
    format: 'rxrnn',
    version: '1',
    configuration: JSON.stringify(model.configuration),
    ...(letters !== undefined && vocabularyTexts(vocabularyOf(Array.from(letters)))),
    provenance: '{"a":1}',
  };
  return readSafetensors(safetensors(stateDict(model), texts)) && { tensors: stateDict(model), texts };
}

function valid(): Seed[] {
  return [
    seedOf({ l: linear({ inputSize: 2, outputSize: 1 }) }),
    seedOf({ rnn: rnn({ inputSize: 3, hiddenSize: 2 }), l: linear({ inputSize: 2, outputSize: 3 }) }, 'abc'),
    seedOf({
      e: embedding({ inputSize: 4, outputSize: 2 }),
      lstm: lstm({ inputSize: 2, hiddenSize: 2, numLayers: 2 }),
      l: linear({ inputSize: 2, outputSize: 4 }),
    }),
  ];
}

/** Small files that ask for much. */
function bombs(): Seed[] {
  const { tensors, texts } = valid()[2]!;
  const many = (count: number, layer: object): Seed => ({
    tensors,
    texts: {
      ...texts,
      configuration: JSON.stringify({
        kind: 'sequential',
        dtype: 'float32',
        layers: Array.from({ length: count }, (_, i) => ({ name: `l${i}`, ...layer })),
      }),
    },
  });
  return [
    many(1000, { kind: 'lstm', inputSize: 2, hiddenSize: 2, numLayers: 9 }),
    many(100, { kind: 'lstm', inputSize: 2, hiddenSize: 1000, numLayers: 1000 }),
    many(1, { kind: 'lstm', inputSize: 1e9, hiddenSize: 1e9 }),
    many(1, { kind: 'embedding', inputSize: 2 ** 52, outputSize: 2 ** 52 }),
    many(3, { kind: 'rnn', inputSize: 1, hiddenSize: 1, numLayers: 2 ** 31 }),
    { tensors, texts: { ...texts, configuration: '['.repeat(20_000) } },
    { tensors, texts: { ...texts, provenance: `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}` } },
    { tensors, texts: { ...texts, vocabulary: JSON.stringify(Array.from({ length: 5000 }, (_, i) => `s${i}`)) } },
  ];
}
