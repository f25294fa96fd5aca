import type { Kernel, Nonlinearity } from '../kernel/kernel.js';
import type { Numbers } from '../types.js';
import { checkSize } from './checkSize.js';
import type { Layer, LayerInput, LayerTape, NumbersByName, Parameter } from './layer.js';
import { uniform } from './uniform.js';

export interface RnnOptions {
  /** Width of the features; for tokens, the size of the vocabulary. */
  readonly inputSize: number;
  readonly hiddenSize: number;
  /** `tanh` by default; `sigmoid` and `identity` are ours, torch has the other two. */
  readonly nonlinearity?: Nonlinearity;
  /** `true` by default. */
  readonly bias?: boolean;
}

const NONLINEARITIES: readonly string[] = ['tanh', 'relu', 'sigmoid', 'identity'];

/**
 * An Elman layer (SRN): `h[t] = f(W_ih x[t] + b_ih + W_hh h[t−1] + b_hh)`; its output is `h`.
 *
 * Takes tokens (as one-hot vectors: a row gather) or features. Parameters: `weight_ih_l0` (hidden, input),
 * `weight_hh_l0` (hidden, hidden), `bias_ih_l0` and `bias_hh_l0` (hidden). State: `h`, `[1, lanes, hidden]`.
 * J. L. Elman, Finding Structure in Time, 1990; names, shapes and initialisation of `torch.nn.RNN`.
 */
export function rnn(options: RnnOptions): Layer {
  const { inputSize, hiddenSize, nonlinearity = 'tanh', bias = true } = options;
  checkSize('rnn', 'inputSize', inputSize);
  checkSize('rnn', 'hiddenSize', hiddenSize);
  if (!NONLINEARITIES.includes(nonlinearity)) {
    throw new RangeError(`rnn: nonlinearity must be one of ${NONLINEARITIES.join(', ')}, got ${nonlinearity}`);
  }
  const parameters: Parameter[] = [
    uniform('weight_ih_l0', [hiddenSize, inputSize], hiddenSize),
    uniform('weight_hh_l0', [hiddenSize, hiddenSize], hiddenSize),
  ];
  if (bias) {
    parameters.push(uniform('bias_ih_l0', [hiddenSize], hiddenSize), uniform('bias_hh_l0', [hiddenSize], hiddenSize));
  }
  return {
    kind: 'rnn',
    inputSize,
    outputSize: hiddenSize,
    takes: 'either',
    parameters,
    state: { h: [1, hiddenSize] },
    options: { inputSize, hiddenSize, nonlinearity, bias },
    tape: (kernel, weights, gradients, steps, lanes) =>
      tape({ kernel, weights, gradients, steps, lanes, inputSize, hiddenSize, nonlinearity }),
  };
}

interface TapeOptions {
  readonly kernel: Kernel;
  readonly weights: NumbersByName;
  readonly gradients: NumbersByName;
  readonly steps: number;
  readonly lanes: number;
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly nonlinearity: Nonlinearity;
}

function tape(options: TapeOptions): LayerTape {
  const { kernel, weights, gradients, steps: capacity, lanes, inputSize, hiddenSize, nonlinearity } = options;
  const { weight_ih_l0: wIh, weight_hh_l0: wHh, bias_ih_l0: bIh, bias_hh_l0: bHh } = weights;
  const { weight_ih_l0: dwIh, weight_hh_l0: dwHh, bias_ih_l0: dbIh, bias_hh_l0: dbHh } = gradients;
  const stride = lanes * hiddenSize; // of one step

  // hidden[0] is the initial state, hidden[t + 1] the state after step t
  const hiddenAll = kernel.allocate((capacity + 1) * stride);
  const output = hiddenAll.subarray(stride);
  const outputGradient = kernel.allocate(capacity * stride);
  const hidden = rowsOf(hiddenAll, stride);
  const delta = rowsOf(outputGradient, stride); // becomes the gradient before the nonlinearity
  const h = kernel.allocate(stride);
  const dh = kernel.allocate(stride);

  function forward(input: LayerInput, steps: number): void {
    const rows = steps * lanes;
    hidden[0]!.set(h);
    kernel.setRows(output, bIh, rows, hiddenSize);
    if (bHh) kernel.addRows(output, bHh, rows, hiddenSize);
    if (input instanceof Int32Array) kernel.multiplyTokens(output, input, wIh!, rows, inputSize, hiddenSize);
    else kernel.multiply(output, input, wIh!, rows, inputSize, hiddenSize);
    for (let t = 0; t < steps; t++) {
      kernel.multiply(hidden[t + 1]!, hidden[t]!, wHh!, lanes, hiddenSize, hiddenSize);
      kernel.activate(nonlinearity, hidden[t + 1]!, stride);
    }
    h.set(hidden[steps]!);
  }

  function backward(input: LayerInput, inputGradient: Numbers | undefined, steps: number): void {
    const rows = steps * lanes;
    kernel.addRows(delta[steps - 1]!, dh, 1, stride);
    for (let t = steps - 1; t >= 0; t--) {
      kernel.activateBack(nonlinearity, delta[t]!, hidden[t + 1]!, stride);
      if (t === 0) dh.fill(0);
      kernel.multiplyBack(t === 0 ? dh : delta[t - 1]!, delta[t]!, wHh!, lanes, hiddenSize, hiddenSize);
    }
    kernel.outer(dwHh!, outputGradient, hiddenAll, rows, hiddenSize, hiddenSize);
    if (input instanceof Int32Array) {
      kernel.outerTokens(dwIh!, outputGradient, input, rows, inputSize, hiddenSize);
    } else {
      kernel.outer(dwIh!, outputGradient, input, rows, inputSize, hiddenSize);
      if (inputGradient) kernel.multiplyBack(inputGradient, outputGradient, wIh!, rows, inputSize, hiddenSize);
    }
    if (dbIh) kernel.sumRows(dbIh, outputGradient, rows, hiddenSize);
    if (dbHh) kernel.sumRows(dbHh, outputGradient, rows, hiddenSize);
  }

  return { output, outputGradient, state: { h }, stateGradient: { h: dh }, forward, backward };
}

function rowsOf(numbers: Numbers, stride: number): readonly Numbers[] {
  return Array.from({ length: numbers.length / stride }, (_, t) => numbers.subarray(t * stride, (t + 1) * stride));
}
