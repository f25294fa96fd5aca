import { zeros } from '../kernel/zeros.js';
import type { Layer, LayerInput } from '../layer/layer.js';
import type { State, Tensor, Token } from '../types.js';
import { assemble, type ModelOptions } from './assemble.js';
import { chain, type ChainBuffers } from './chain.js';
import type { Model, Stepped, Tape } from './model.js';
import { pool } from './pool.js';

/** What every model may be made with. */
export type SequentialOptions = ModelOptions;

/**
 * A model that runs layers one after another, each on the output of the one before.
 *
 * Parameters are named `layer.parameter`: `sequential({ rnn: rnn({ … }), linear: linear({ … }) })` has
 * `rnn.weight_ih_l0` and so on. `torch.nn.Sequential` over an ordered dictionary.
 *
 * A RangeError where there is no layer, where sizes do not meet, and for an option that cannot be met; a TypeError for
 * a layer of tokens that is not the first.
 *
 * ```ts
 * import { linear, rnn, sequential, stateDict } from 'rxrnn';
 *
 * const model = sequential({
 *   rnn: rnn({ inputSize: 3, hiddenSize: 8 }),
 *   linear: linear({ inputSize: 8, outputSize: 3 }),
 * });
 * const { output, state } = model.step(2, model.zeroState());
 * console.log(output.shape, state.get('rnn.h')!.shape); // -> [ 1, 3 ] [ 1, 1, 8 ]
 * console.log([...stateDict(model).keys()].join(' '));
 * // -> rnn.weight_ih_l0 rnn.weight_hh_l0 rnn.bias_ih_l0 rnn.bias_hh_l0 linear.weight linear.bias
 * ```
 */
export function sequential(layers: Readonly<Record<string, Layer>>, options: SequentialOptions = {}): Model {
  const parts = Object.entries(layers);
  checkChain(parts);
  const { dtype, kernel, weights, frozen, ...assembly } = assemble('sequential', parts, options);
  const inputSize = parts[0]![1].inputSize;
  const outputSize = parts.at(-1)![1].outputSize;

  function zeroState(lanes = 1): State {
    const state = new Map<string, Tensor>();
    for (const [name, layer] of parts) {
      for (const [key, [depth, size]] of Object.entries(layer.state)) {
        state.set(`${name}.${key}`, { shape: [depth, lanes, size], data: zeros(dtype, depth * lanes * size) });
      }
    }
    return state;
  }

  function makeBuffers(steps: number, lanes: number): ChainBuffers {
    const gradients = assembly.gradients();
    const tapes = parts.map(([name, layer]) =>
      layer.tape(kernel, assembly.own(weights, name, layer), assembly.own(gradients, name, layer), steps, lanes),
    );
    return { steps, lanes, gradients, tapes, repeat: [kernel.repeat(), kernel.repeat()] };
  }
  const lend = pool(makeBuffers, ({ tapes }) => {
    for (const { state } of tapes) for (const numbers of Object.values(state)) numbers.fill(0);
  });

  function makeTape(steps: number, lanes: number, previous?: Tape): Tape {
    const tape = chain({ kernel, parts, loan: lend(steps, lanes), copyOfZeros: () => zeroState(lanes), previous });
    if (previous?.lanes === lanes) tape.setState(previous.state());
    return tape;
  }

  const stepping = new Map<number, Tape>(); // by lanes, made when first asked for
  function step(input: Token | LayerInput, state: State): Stepped {
    const fed = typeof input === 'number' ? Int32Array.of(input) : input;
    const lanes = fed instanceof Int32Array ? fed.length : fed.length / inputSize;
    let tape = stepping.get(lanes);
    if (!tape) stepping.set(lanes, (tape = makeTape(1, lanes)));
    tape.setState(state);
    tape.forward(fed, 1);
    return { output: { shape: [lanes, outputSize], data: tape.output.slice() }, state: tape.state() };
  }

  return {
    kind: 'sequential',
    dtype,
    inputSize,
    outputSize,
    kernel,
    weights,
    frozen,
    configuration: {
      kind: 'sequential',
      dtype,
      layers: parts.map(([name, { kind, options }]) => ({ name, kind, ...options })),
      ...(frozen.size > 0 && { frozen: [...frozen] }),
    },
    zeroState,
    step,
    tape: makeTape,
  };
}

function checkChain(parts: readonly (readonly [string, Layer])[]): void {
  if (parts.length === 0) throw new RangeError('sequential: needs at least one layer');
  for (let i = 1; i < parts.length; i++) {
    const [before, { outputSize }] = parts[i - 1]!;
    const [name, { inputSize, takes }] = parts[i]!;
    if (takes === 'tokens') throw new TypeError(`sequential: ${name} takes tokens and can only be the first layer`);
    if (inputSize !== outputSize) {
      throw new RangeError(`sequential: ${name} takes ${inputSize} features, ${before} before it gives ${outputSize}`);
    }
  }
}
