import { of } from 'rxjs';
import {
  backpropagate,
  crossEntropy,
  type Dtype,
  embedColumn,
  gradients,
  jointLoss,
  linear,
  loadStateDict,
  lstm,
  type Model,
  type Numbers,
  outputs,
  sequential,
  squaredError,
  unroll,
  type Window,
} from '../../../src/index.js';
import type { Check, Golden } from '../checkGolden.js';

const AGREEMENT = { float64: { absolute: 1e-12, relative: 1e-12 }, float32: { absolute: 5e-6, relative: 5e-6 } };

/** A token beside numbers, and two heads with a loss each: one linear layer has the rows of both. */
export const opsEmbeddingMixed: Check = ({ cases }, compare) => {
  for (const golden of cases) {
    for (const dtype of ['float64', 'float32'] as const) {
      const figures = golden[dtype === 'float64' ? 'f64' : 'f32'];
      const found = run(golden, dtype);
      const { grad, ...forward } = figures;
      for (const [what, actual, expected] of [
        ['', found.values, forward],
        ['gradient of ', found.gradients, grad],
      ] as const) {
        for (const [name, value] of Object.entries<Golden>(expected)) {
          const label = `${golden.id} ${dtype} ${what}${name}`;
          if (actual[name] === undefined) compare.failures.push(`${label}: unknown figure`);
          else compare.close(label, actual[name], value.data ?? value, AGREEMENT[dtype]);
        }
      }
    }
  }
};

interface Found {
  readonly values: Record<string, number | ArrayLike<number>>;
  readonly gradients: Record<string, ArrayLike<number>>;
}

function run(golden: Golden, dtype: Dtype): Found {
  const { seq: steps, batch: lanes, classes, numbers, loss_weights: weights } = golden;
  const model = modelOf(golden, dtype);
  const initial = model.zeroState(lanes);
  initial.get('lstm.h')!.data.set(golden.h0.data);
  initial.get('lstm.c')!.data.set(golden.c0.data);
  const loss = jointLoss({
    class: { outputs: classes, targets: 'token', loss: crossEntropy(), weight: weights.class },
    number: { outputs: numbers, loss: squaredError(), weight: weights.number },
  });
  const window = windowOf(golden);
  const seen: Found[] = [];
  of(window)
    .pipe(unroll(model, { initialState: initial }), loss, backpropagate(model))
    .subscribe((event) => {
      const { tape } = event;
      const output = outputs(event).data;
      const rows = Array.from({ length: steps * lanes }, (_, row) => row);
      /** Columns of the rows that exist; the file has zeros beyond a length. */
      const columns = (from: number, count: number): number[] =>
        rows.flatMap((row) => {
          const at = row * (classes + numbers) + from;
          return window.mask?.[row] === 0 ? Array<number>(count).fill(0) : [...output.subarray(at, at + count)];
        });
      const [hn, cn] = ['h', 'c'].map((part) => tape.state().get(`lstm.${part}`)!.data);
      const values = {
        class_logits: columns(0, classes),
        numbers: columns(classes, numbers),
        hn: hn!,
        cn: cn!,
        loss: event.loss,
        class_loss: event.heads!['class']!.loss,
        number_loss: event.heads!['number']!.loss,
      };
      const { 'heads.weight': weight, 'heads.bias': bias, ...others } = Object.fromEntries(gradients(event));
      tape.backward(undefined, { inputGradient: true });
      const atInput = tape.inputGradient().data;
      const width = golden.numeric_features + 1;
      const own = Object.fromEntries(Object.entries(others).map(([name, { data }]) => [name, data]));
      const cut = classes * golden.hidden_size;
      seen.push({
        values,
        gradients: {
          ...own,
          'class_head.weight': weight!.data.subarray(0, cut),
          'number_head.weight': weight!.data.subarray(cut),
          'class_head.bias': bias!.data.subarray(0, classes),
          'number_head.bias': bias!.data.subarray(classes),
          features: atInput.filter((_, i) => i % width > 0),
          h0: tape.stateGradient().get('lstm.h')!.data,
          c0: tape.stateGradient().get('lstm.c')!.data,
        },
      });
    });
  return seen[0]!;
}

function modelOf(golden: Golden, dtype: Dtype): Model {
  const { vocabulary, embedding_size: embeddingSize, numeric_features: features, hidden_size: hiddenSize } = golden;
  const { classes, numbers, padding_idx: paddingIndex, weights } = golden;
  const padding = paddingIndex === null ? {} : { paddingIndex };
  const model = sequential(
    {
      embedding: embedColumn({ inputSize: 1 + features, tokens: vocabulary, embeddingSize, ...padding }),
      lstm: lstm({ inputSize: embeddingSize + features, hiddenSize }),
      heads: linear({ inputSize: hiddenSize, outputSize: classes + numbers }),
    },
    { dtype },
  );
  const { 'class_head.weight': cw, 'class_head.bias': cb, ...rest } = weights;
  const { 'number_head.weight': nw, 'number_head.bias': nb, ...others } = rest;
  const joined = {
    ...others,
    'heads.weight': { shape: [classes + numbers, hiddenSize], data: [...cw.data, ...nw.data] },
    'heads.bias': { shape: [classes + numbers], data: [...cb.data, ...nb.data] },
  };
  const numbersOf = (data: number[]): Numbers => (dtype === 'float64' ? Float64Array : Float32Array).from(data);
  loadStateDict(
    model,
    new Map(Object.entries<Golden>(joined).map(([name, { shape, data }]) => [name, { shape, data: numbersOf(data) }])),
  );
  return model;
}

function windowOf(golden: Golden): Window {
  const { seq: steps, batch: lanes, numeric_features: features, numbers, lengths } = golden;
  const rows = Array.from({ length: steps * lanes }, (_, row) => row);
  const sideBySide = (tokens: number[], data: number[], width: number): Float64Array =>
    Float64Array.from(rows.flatMap((row) => [tokens[row]!, ...data.slice(row * width, (row + 1) * width)]));
  return {
    steps,
    lanes,
    inputs: sideBySide(golden.tokens.data, golden.features.data, features),
    targets: sideBySide(golden.class_target.data, golden.number_target.data, numbers),
    mask: Uint8Array.from(rows, (row) => Number(Math.floor(row / lanes) < lengths[row % lanes])),
  };
}
