import { options as checkOptions } from '../check/options.js';
import { anything } from '../check/anything.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { zeros } from '../kernel/zeros.js';
import type { LayerInput } from '../layer/layer.js';
import type { Source, State, Tensor, Token } from '../types.js';
import { allocateParameters, type ModelOptions, type NamedLayers } from './allocateParameters.js';
import { bufferPool, type Lease } from './bufferPool.js';
import { type EncoderDecoderBuffers, encoderDecoderTape, readSource } from './encoderDecoderTape.js';
import { type LayerChain, layerChain } from './layerChain.js';
import type { Model, Stepped, Tape } from './model.js';
import type { ParameterBlock } from './parameterBlock.js';
import { sequentialTape } from './sequentialTape.js';

export interface LayeredModelOptions {
  readonly kind: string;
  /** What reads a source before the layers run and gives them their state. */
  readonly encoder?: NamedLayers[number];
  /** The layers whose last gives the output; at least one. */
  readonly layers: NamedLayers;
  readonly options: ModelOptions;
}

/** A model, and the encoding of a source by one with an encoder. */
export interface LayeredModel {
  readonly model: Model;
  /** The state of the layers after the encoder has read a source; for models with an encoder only. */
  encode(source: Source, lanes: number): State;
}

/** Makes a model of layers that fit each other: parameters, tapes from one pool, steps, and disposal. */
export function layeredModel({ kind, encoder, layers, options }: LayeredModelOptions): LayeredModel {
  checkOptions(kind, options, {
    dtype: anything, // these are checked where they are used
    random: anything,
    frozen: anything,
    backend: anything,
    workers: anything,
  });
  const all = encoder ? [encoder, ...layers] : layers;
  const { dtype, kernel, weights, frozen, makeGradients } = allocateParameters(kind, all, options);
  const { inputSize } = layers[0]![1];
  const { outputSize } = layers.at(-1)![1];
  const pool = bufferPool(makeBuffers);
  let disposed = false;
  let stepTape: Tape | undefined; // of as many lanes as the last step had

  function checkNotDisposed(): void {
    if (disposed) throw new Error(`${kind}: this model was disposed`);
  }

  function makeBuffers(steps: number, lanes: number): EncoderDecoderBuffers {
    const scope = kernel.scope();
    let block: ParameterBlock | undefined;
    let ownChain: LayerChain | undefined; // each is made when first needed: encoding needs no decoder
    let ownEncoder: LayerChain | undefined;
    const gradients = (): ParameterBlock => (block ??= makeGradients(scope));
    const makeChain = (layers: NamedLayers): LayerChain =>
      layerChain({ kernel, layers, weights, gradients, steps, lanes, scope });
    return {
      steps,
      lanes,
      scope,
      gradients,
      get chain() {
        return (ownChain ??= makeChain(layers));
      },
      get encoder() {
        return (ownEncoder ??= makeChain([encoder!]));
      },
      clear() {
        for (const { numbers } of ownChain?.state ?? []) numbers.fill(0);
      },
    };
  }

  function makeTape(steps: number, lanes: number, previous?: Tape): Tape {
    checkNotDisposed();
    positiveInteger(kind, 'steps', steps);
    positiveInteger(kind, 'lanes', lanes);
    return withLease(steps, lanes, (lease) => {
      const own = { kind, lease, inputSize, previous };
      const tape = encoder ? encoderDecoderTape(own) : sequentialTape(own);
      if (previous?.lanes === lanes) tape.setState(previous.state());
      return tape;
    });
  }

  /** Lends buffers to `use`; where it throws, they may be half made, and are given up. */
  function withLease<T>(steps: number, lanes: number, use: (lease: Lease<EncoderDecoderBuffers>) => T): T {
    const lease = pool.lend(steps, lanes);
    try {
      return use(lease);
    } catch (error) {
      lease.giveUp();
      throw error;
    }
  }

  function step(input: Token | LayerInput, state: State): Stepped {
    checkNotDisposed();
    const given = typeof input === 'number' ? Int32Array.of(input) : input;
    if (typeof input === 'number' && (input | 0) !== input) {
      throw new TypeError(`${kind}: the token of a step must be an integer, got ${input}`);
    }
    const lanes = given instanceof Int32Array ? given.length : given.length / inputSize;
    if (stepTape?.lanes !== lanes) {
      positiveInteger(kind, 'lanes', lanes);
      stepTape?.release();
      stepTape = undefined; // should there be no memory for another
      stepTape = withLease(1, lanes, (lease) => sequentialTape({ kind, lease, inputSize }));
    }
    stepTape.setState(state);
    stepTape.forward(given, 1);
    const data = stepTape.output.slice(0, lanes * outputSize);
    return { output: { shape: [lanes, outputSize], data }, state: stepTape.state() };
  }

  function encode(source: Source, lanes: number): State {
    checkNotDisposed();
    return withLease(source.steps, lanes, ({ buffers: { encoder }, giveBack }) => {
      encoder.check(source.inputs, source.steps, source.mask);
      readSource(encoder, source);
      const state = zeroState(lanes);
      for (const [i, { data }] of [...state.values()].entries()) data.set(encoder.state[i]!.numbers);
      giveBack();
      return state;
    });
  }

  function zeroState(lanes = 1): State {
    checkNotDisposed();
    positiveInteger(kind, 'lanes', lanes);
    const state = new Map<string, Tensor>();
    for (const [name, layer] of layers) {
      for (const [key, [depth, size]] of Object.entries(layer.state)) {
        state.set(`${name}.${key}`, { shape: [depth, lanes, size], data: zeros(dtype, depth * lanes * size) });
      }
    }
    return state;
  }

  function dispose(): void {
    if (disposed) return;
    disposed = true;
    pool.dispose();
    kernel.dispose();
    const refusing = { get: checkNotDisposed };
    Object.defineProperties(model, { kernel: refusing, weights: refusing });
  }

  const model: Omit<Model, typeof Symbol.dispose> = {
    kind,
    dtype,
    inputSize: all[0]![1].inputSize,
    outputSize,
    layers: new Map(all),
    kernel, // not by a getter, which makes every access to the model slower
    weights,
    frozen,
    configuration: {
      kind,
      dtype,
      layers: all.map(([name, { kind, options }]) => ({ name, kind, ...options })),
      ...(frozen.size > 0 && { frozen: [...frozen] }),
    },
    zeroState,
    step,
    tape: makeTape,
    dispose,
  };
  // Browsers without `using` have no such symbol: there `dispose` is called by name.
  const key = (Symbol as { readonly dispose?: symbol }).dispose;
  if (key) Object.defineProperty(model, key, { value: dispose });
  return { model: model as Model, encode };
}
