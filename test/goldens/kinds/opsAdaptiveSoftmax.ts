import { of } from 'rxjs';
import {
  adaptiveSoftmax,
  backpropagate,
  crossEntropy,
  type Dtype,
  embedding,
  gradients,
  outputs,
  sequential,
  loadStateDict,
  unroll,
  type Window,
} from '../../../src/index.js';
import type { Check, Golden } from '../checkGolden.js';
import type { Comparison } from '../comparison.js';
import { throughLayer } from './throughLayer.js';

const AGREEMENT = { float64: { relative: 1e-12, absolute: 1e-12 }, float32: { relative: 5e-6, absolute: 5e-6 } };

/** torch's AdaptiveLogSoftmaxWithLoss: log-probabilities and their gradient, the loss and its gradient, the best token. */
export const opsAdaptiveSoftmax: Check = ({ cases }, compare) => {
  for (const golden of cases) {
    const { log_prob, grad_of_log_prob } = golden.f64;
    const asLayer = (figures: Golden): Golden => ({ y: figures.log_prob, grad: figures.grad_of_log_prob });
    if (!log_prob || !grad_of_log_prob) throw new Error(`${golden.id}: no log-probabilities`);
    throughLayer(
      {
        name: golden.id,
        layer: make(golden),
        steps: golden.x.shape[0],
        lanes: 1,
        input: golden.x.data,
        weights: golden.weights,
        outputGradient: golden.grad_log_prob.data,
        golden: { f64: asLayer(golden.f64), f32: asLayer(golden.f32) },
        names: { output: 'y', final: {}, initial: {} },
      },
      compare,
    );
    for (const dtype of ['float64', 'float32'] as const) checkLoss(golden, dtype, compare);
  }
};

function make({ in_features, n_classes, cutoffs, div_value, head_bias }: Golden): ReturnType<typeof adaptiveSoftmax> {
  return adaptiveSoftmax({
    inputSize: in_features,
    outputSize: n_classes,
    cutoffs,
    divValue: div_value,
    headBias: head_bias,
  });
}

/** The inputs are the rows of an embedding, one for each step, so that the gradient of those rows is that at the inputs. */
function checkLoss(golden: Golden, dtype: Dtype, compare: Comparison): void {
  const { id, x, weights, target, n_classes: classes } = golden;
  const figures = golden[dtype === 'float64' ? 'f64' : 'f32'];
  const [steps, width] = x.shape;
  const model = sequential({ x: embedding({ inputSize: steps, outputSize: width }), layer: make(golden) }, { dtype });
  const numbers = (data: number[]): Float32Array | Float64Array =>
    dtype === 'float64' ? Float64Array.from(data) : Float32Array.from(data);
  loadStateDict(
    model,
    new Map([
      ['x.weight', { shape: x.shape, data: numbers(x.data) }],
      ...Object.entries<Golden>(weights).map(
        ([name, { shape, data }]) => [`layer.${name}`, { shape, data: numbers(data) }] as const,
      ),
    ]),
  );
  const inputs = Int32Array.from({ length: steps }, (_, i) => i);
  const window: Window = { steps, lanes: 1, inputs, targets: Int32Array.from(target.data ?? target) };
  of(window)
    .pipe(unroll(model), crossEntropy(), backpropagate(model))
    .subscribe((event) => {
      const { data } = outputs(event);
      const found = gradients(event);
      const each = Array.from(window.targets, (token, row) => data[row * classes + token]!);
      const best = Array.from(inputs, (row) => {
        const own = Array.from(data.subarray(row * classes, (row + 1) * classes));
        return own.indexOf(Math.max(...own));
      });
      compare.close(`${id} ${dtype} output`, each, figures.output.data ?? figures.output, AGREEMENT[dtype]);
      compare.close(`${id} ${dtype} loss`, [event.loss], [figures.loss], AGREEMENT[dtype]);
      compare.close(`${id} ${dtype} predict`, best, figures.predict.data ?? figures.predict, AGREEMENT[dtype]);
      for (const [name, { data }] of Object.entries<Golden>(figures.grad_of_loss)) {
        const own = found.get(name === 'x' ? 'x.weight' : `layer.${name}`)!.data;
        compare.close(`${id} ${dtype} gradient of the loss, ${name}`, own, data, AGREEMENT[dtype]);
      }
    });
}
