import { from, identity, of } from 'rxjs';
import {
  adam,
  backpropagate,
  crossEntropy,
  type Dtype,
  gradients,
  labelled,
  linear,
  loadStateDict,
  lstm,
  type Model,
  type Numbers,
  outputs,
  sequential,
  squaredError,
  stateDict,
  summary,
  train,
  unroll,
  type Window,
} from '../../../src/index.js';
import type { Check, Golden } from '../checkGolden.js';

/** One pass as `ops-*`; twenty steps of Adam, whose float32 figures are chaotic in their last digits. */
const PASS = { float64: { absolute: 1e-12, relative: 1e-12 }, float32: { absolute: 5e-6, relative: 5e-6 } };
const STEPS = { float64: { absolute: 1e-11, relative: 1e-11 }, float32: { absolute: 1e-4, relative: 1e-4 } };

/**
 * torch's packed sequences: a label for the whole, at each lane's last step, or targets at chosen steps while the state
 * goes on. Predictions, states and gradients of the first step, and the losses of all.
 */
export const opsManyToOne: Check = ({ cases }, compare) => {
  for (const golden of cases) {
    for (const dtype of ['float64', 'float32'] as const) {
      const figures = golden[dtype === 'float64' ? 'f64' : 'f32'];
      const name = (what: string): string => `${golden.id} ${dtype} ${what}`;
      const model = modelOf(golden, dtype);
      const window = windowOf(golden);
      const loss = (): ReturnType<typeof crossEntropy> => (golden.task === 'class' ? crossEntropy() : squaredError());

      const first = firstStep(model, window, loss);
      compare.close(name('prediction'), predicted(golden, first.output), figures.prediction_step1.data, PASS[dtype]);
      for (const [part, key] of [
        ['h', 'hn_step1'],
        ['c', 'cn_step1'],
      ] as const) {
        const { data } = first.state.get(`lstm.${part}`)!;
        compare.close(name(key), data, figures[key].data, PASS[dtype]);
      }
      const { x: atInput, ...atWeights } = figures.grad_step1;
      compare.close(name('gradient of x'), first.atInput, atInput.data, PASS[dtype]);
      for (const [part, { data }] of Object.entries<Golden>(atWeights)) {
        compare.close(name(`gradient of ${part}`), first.gradients.get(part)!.data, data, PASS[dtype]);
      }

      const losses: number[] = [];
      const optimizer = adam({ learningRate: golden.lr });
      from(Array.from({ length: golden.steps }, () => window))
        .pipe(train(model, { optimizer, loss: loss(), clip: identity }))
        .subscribe(({ loss }) => losses.push(loss));
      compare.close(name('losses'), losses, figures.loss, STEPS[dtype]);
      for (const [part, { data }] of stateDict(model)) {
        compare.close(name(`final ${part}`), data, figures.final_weights[part].data, STEPS[dtype]);
      }
    }
  }
};

function modelOf({ id, loss_at: at, weights, ...sizes }: Golden, dtype: Dtype): Model {
  const { input_size: inputSize, hidden_size: hiddenSize, num_layers: numLayers, bidirectional, outputs } = sizes;
  const size = hiddenSize * (bidirectional ? 2 : 1);
  if (at !== 'last' && at !== 'chosen') throw new Error(`${id}: unknown loss_at ${at}`);
  const model = sequential(
    {
      lstm: lstm({ inputSize, hiddenSize, numLayers, bidirectional }),
      ...(at === 'last' && { summary: summary({ size, pool: 'last', bidirectional }) }),
      out: linear({ inputSize: size, outputSize: outputs }),
    },
    { dtype },
  );
  const numbers = (data: number[]): Numbers => (dtype === 'float64' ? Float64Array : Float32Array).from(data);
  loadStateDict(
    model,
    new Map(Object.entries<Golden>(weights).map(([name, { shape, data }]) => [name, { shape, data: numbers(data) }])),
  );
  return model;
}

function windowOf({ id, loss_at: at, task, seq: steps, batch: lanes, ...rest }: Golden): Window {
  const { input_size: width, lengths, x, target, target_mask: targetMask } = rest;
  const data: number[] = target.data ?? target.flat(Infinity);
  const outputs = task === 'class' ? 1 : rest.outputs;
  if (at === 'chosen') {
    return {
      steps,
      lanes,
      inputs: Float64Array.from(x.data),
      targets: task === 'class' ? Int32Array.from(data) : Float64Array.from(data),
      targetMask: Uint8Array.from(targetMask.flat(), Number),
      resets: new Uint8Array(lanes).fill(1),
    };
  }
  const row = (t: number, lane: number): number[] => {
    return x.data.slice((t * lanes + lane) * width, (t * lanes + lane + 1) * width);
  };
  const items = lengths.map((length: number, lane: number) => ({
    sequence: Array.from({ length }, (_, t) => row(t, lane)),
    label: task === 'class' ? data[lane]! : data.slice(lane * outputs, (lane + 1) * outputs),
  }));
  const windows: Window[] = [];
  from(items as { sequence: number[][]; label: number }[])
    .pipe(labelled({ lanes }))
    .subscribe((window) => windows.push(window));
  if (windows[0]!.steps !== steps) throw new Error(`${id}: the longest sequence is not of ${steps} steps`);
  return windows[0]!;
}

interface FirstStep {
  readonly output: Numbers;
  readonly state: ReadonlyMap<string, { readonly data: Numbers }>;
  readonly gradients: ReadonlyMap<string, { readonly data: Numbers }>;
  readonly atInput: Numbers;
}

function firstStep(model: Model, window: Window, loss: () => ReturnType<typeof crossEntropy>): FirstStep {
  const seen: FirstStep[] = [];
  of(window)
    .pipe(unroll(model), loss(), backpropagate(model))
    .subscribe((event) => {
      const { tape } = event;
      const found = { output: outputs(event).data, state: tape.state(), gradients: gradients(event) };
      tape.backward(undefined, { inputGradient: true });
      seen.push({ ...found, atInput: tape.inputGradient().data });
    });
  return seen[0]!;
}

/** The file has every step's prediction where steps are chosen, and else one per lane. */
function predicted({ loss_at: at, lengths, batch: lanes, outputs }: Golden, output: Numbers): number[] {
  if (at === 'chosen') return [...output];
  return lengths.flatMap((length: number, lane: number) => {
    const row = (length - 1) * lanes + lane;
    return [...output.subarray(row * outputs, (row + 1) * outputs)];
  });
}
