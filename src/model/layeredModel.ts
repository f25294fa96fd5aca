import { options as checkOptions } from '../check/options.js';
import { anything } from '../check/anything.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { zeros } from '../kernel/zeros.js';
import type { LayerInput } from '../layer/layer.js';
import type { Source, State, Tensor, Token } from '../types.js';
import { allocateParameters, type ModelOptions, type NamedLayers, partOf } from './allocateParameters.js';
import { bufferPool, type Lease } from './bufferPool.js';
import { checkWindow } from './checkWindow.js';
import type { ChainContext } from './decoderChain.js';
import { type EncoderOutputs, encoderOutputs, KEYS, MASK } from './encoderOutputs.js';
import { describedLayers } from './describedLayers.js';
import { type EncoderDecoderBuffers, encoderDecoderTape } from './encoderDecoderTape.js';
import { type LaneStates, laneStates } from './laneStates.js';
import { type LayerChain, layerChain } from './layerChain.js';
import { checkLearns } from './checkLearns.js';
import { checkLayerInput } from './checkLayerInput.js';
import { describeModel } from './describeModel.js';
import type { Model, Stepped, Tape } from './model.js';
import type { ParameterBlock } from './parameterBlock.js';
import { sequentialTape } from './sequentialTape.js';

export interface LayeredModelOptions {
  readonly kind: string;
  /** The layers that read a source before the others run; the state of the last is the others' first. */
  readonly encoder?: NamedLayers | undefined;
  /** The other layers, whose last gives the output; at least one. */
  readonly layers: NamedLayers;
  /** How those run one after another, where that is not in this order and each alone. */
  readonly decode?: DecodeOptions | undefined;
  /** A layer beside them, which reads the same input and whose output is added to the first of theirs. */
  readonly skip?: NamedLayers[number] | undefined;
  readonly options: ModelOptions;
}

/** How a decoder runs that is not a chain of its layers. */
interface DecodeOptions {
  /** The width of the features that it takes. */
  readonly inputSize: number;
  /** Numbers of each output of the encoder, where an attention looks at them. */
  readonly keySize: number | undefined;
  chain(context: ChainContext): NamedLayers;
}

/** A model, and the encoding of a source by one with an encoder. */
export interface LayeredModel {
  readonly model: Model;
  /** The state of the layers after the encoder has read a source; for models with an encoder only. */
  encode(source: Source, lanes: number): State;
}

/** Steps of a source that `encode` reads at a time. */
const ENCODED = 64;

/** Makes a model from checked layers that fit each other: parameters, tapes from one pool, steps, and disposal. */
export function layeredModel(given: LayeredModelOptions): LayeredModel {
  const { kind, encoder, layers: own, decode, skip } = given;
  let { options } = given;
  options = checkOptions(kind, options, {
    dtype: anything, // these are checked where they are used
    random: anything,
    frozen: anything,
    weightTying: anything,
    stateDict: anything,
    weights: anything,
    backend: anything,
    workers: anything,
  });
  const stated = skip ? [...own, skip] : own; // those whose state is carried
  const inOrder = encoder ? [...encoder, ...own] : own;
  const all = skip ? [...inOrder, skip] : inOrder;
  const { dtype, kernel, weights, frozen, makeGradients } = allocateParameters(kind, all, options);
  const { inputSize, keySize } = decode ?? { ...own[0]![1], keySize: undefined };
  const { outputSize } = own.at(-1)![1];
  const pool = bufferPool(makeBuffers);
  const skipFrozen = skip?.[1].parameters.every(({ name }) => frozen.has(`skip.${name}`)) ?? false;
  let disposed = false;
  // of as many lanes as the last step had
  let stepTape: Tape | undefined;
  let stepOutputs: EncoderOutputs | undefined;

  function checkNotDisposed(): void {
    if (disposed) throw new Error(`${kind}: this model was disposed`);
  }

  function makeBuffers(steps: number, lanes: number): EncoderDecoderBuffers {
    const scope = kernel.scope();
    let block: ParameterBlock | undefined;
    let ownChain: LayerChain | undefined; // each is made when first needed: encoding needs no decoder
    let ownEncoder: LayerChain | undefined;
    let ownLanes: LaneStates | undefined;
    const gradients = (): ParameterBlock => {
      checkLearns(weights, kind);
      return (block ??= makeGradients(scope));
    };
    const makeChain = (layers: NamedLayers, skip?: NamedLayers[number]): LayerChain =>
      layerChain({
        model: kind,
        kernel,
        layers,
        skip,
        skipFrozen,
        weights,
        gradients,
        alone: !encoder,
        steps,
        lanes,
        scope,
      });
    const outputs = keySize === undefined ? undefined : encoderOutputs(lanes, keySize, scope.allocate);
    const ownLayers = (): NamedLayers =>
      decode?.chain({
        source: outputs,
        weightsOf: (name, layer) => partOf(weights, name, layer),
        gradientsOf: (name, layer) => partOf(gradients(), name, layer),
      }) ?? own;
    const chain = (): LayerChain => (ownChain ??= makeChain(ownLayers(), skip));
    return {
      steps,
      lanes,
      scope,
      outputs,
      gradients,
      chain,
      laneStates: () => (ownLanes ??= laneStates(kernel, chain().state, lanes, scope.allocate)),
      encoder: () => (ownEncoder ??= makeChain(encoder!)),
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
      const parts = { kind, lease, inputSize, previous };
      const tape = encoder ? encoderDecoderTape(parts) : sequentialTape(parts);
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
    checkLayerInput(kind, 'the input of a step', given);
    const lanes = given instanceof Int32Array ? given.length : given.length / inputSize;
    if (stepTape?.lanes !== lanes) {
      if (!Number.isInteger(lanes)) {
        throw new RangeError(`${kind}: a step takes ${inputSize} features per lane, got ${given.length} numbers`);
      }
      positiveInteger(kind, 'lanes', lanes);
      stepTape?.release();
      stepTape = undefined; // should there be no memory for another
      stepTape = withLease(1, lanes, (lease) => {
        stepOutputs = lease.buffers.outputs;
        return sequentialTape({ kind, lease, inputSize, outputs: stepOutputs });
      });
    }
    stepTape.setState(state);
    stepOutputs?.copyFrom(kind, state);
    stepTape.forward(given, 1);
    const data = stepTape.output.slice(0, lanes * outputSize);
    const output = { shape: [lanes, outputSize], data };
    if (!stepOutputs) return { output, state: stepTape.state() };
    const { data: attention } = stepOutputs.weights(1);
    return {
      output,
      state: new Map([...stepTape.state(), [KEYS, state.get(KEYS)!], [MASK, state.get(MASK)!]]),
      attention: { shape: [lanes, attention.length / lanes], data: attention },
    };
  }

  /** Reads a source part by part, so that a long one takes no more memory, unless its end is needed at its beginning. */
  function encode({ steps, inputs, mask }: Source, lanes: number): State {
    checkNotDisposed();
    checkWindow(kind, { steps, lanes, mask }, 'source.');
    checkLayerInput(kind, 'source.inputs', inputs);
    const bidirectional = encoder!.some(([, layer]) => layer.bidirectional);
    const most = bidirectional ? steps : Math.min(steps, ENCODED);
    const width = inputs.length / steps;
    const parts = Array.from({ length: Math.ceil(steps / most) }, (_, i): Source => {
      const [from, to] = [i * most, Math.min(steps, (i + 1) * most)];
      return {
        steps: to - from,
        inputs: inputs.subarray(from * width, to * width),
        ...(mask && { mask: mask.subarray(from * lanes, to * lanes) }),
      };
    });
    const keys = keySize === undefined ? undefined : zeros(dtype, steps * lanes * keySize);
    return withLease(most, lanes, ({ buffers, giveBack }) => {
      const encoder = buffers.encoder();
      for (const { inputs, steps, mask } of parts) encoder.check(inputs, steps, mask, 'source');
      for (const { numbers } of encoder.state) numbers.fill(0);
      for (const [i, { inputs, steps, mask }] of parts.entries()) {
        encoder.forward(inputs, steps, { mask });
        const length = steps * lanes * (keySize ?? 0);
        keys?.set(encoder.output().subarray(0, length), i * most * lanes * keySize!);
      }
      const state = zeroState(lanes);
      for (const [i, { data }] of [...state.values()].entries()) data.set(encoder.state[i]!.numbers);
      giveBack();
      if (!keys) return state;
      const flags = zeros(dtype, steps * lanes).map((_, row) => (mask?.[row] === 0 ? 0 : 1));
      const looked: [string, Tensor][] = [
        [KEYS, { shape: [steps, lanes, keySize!], data: keys }],
        [MASK, { shape: [steps, lanes, 1], data: flags }],
      ];
      return new Map([...state, ...looked]);
    });
  }

  function zeroState(lanes = 1): Map<string, Tensor> {
    checkNotDisposed();
    positiveInteger(kind, 'lanes', lanes);
    const state = new Map<string, Tensor>();
    for (const [name, layer] of stated) {
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
    layers: new Map(inOrder),
    ...(skip && { skip: skip[1] }),
    kernel, // not by a getter, which makes every access to the model slower
    weights,
    frozen,
    configuration: {
      kind,
      dtype,
      layers: inOrder.map(([name, { kind, options }]) => ({ name, kind, ...options })),
      ...(skip && { skip: { kind: skip[1].kind, ...skip[1].options } }),
      ...(frozen.size > 0 && { frozen: [...frozen] }),
      ...(weights.ties && { weightTying: Object.fromEntries(weights.ties) }),
    },
    zeroState,
    step,
    tape: makeTape,
    dispose,
  };
  describedLayers.set(model.configuration, new Map(all));
  // Browsers without `using` have no such symbol: there `dispose` is called by name.
  const key = (Symbol as { readonly dispose?: symbol }).dispose;
  if (key) Object.defineProperty(model, key, { value: dispose });
  // What `console.log` and JSON.stringify show: not a million weights, and something of a disposed model, too.
  const described = (): string => (disposed ? `${kind}, disposed` : describeModel(model as Model));
  Object.defineProperty(model, Symbol.for('nodejs.util.inspect.custom'), { value: described });
  Object.defineProperty(model, 'toJSON', { value: () => model.configuration });
  return { model: model as Model, encode };
}
