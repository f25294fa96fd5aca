import { listNames } from '../check/listNames.js';
import { oneOf } from '../check/oneOf.js';
import { options as checkOptions } from '../check/options.js';
import { optional } from '../check/optional.js';
import { showName } from '../check/showName.js';
import type { Layer } from '../layer/layer.js';
import { partOf } from '../model/allocateParameters.js';
import { checkModel } from '../model/checkModel.js';
import type { Model } from '../model/model.js';
import { encodeModel } from './encodeModel.js';
import { END, type GraphBuilder, graphBuilder } from './graphBuilder.js';
import { LAYER_NODES } from './layerNodes.js';
import type { OnnxValue } from './onnxModel.js';

/** How a model is written. */
export interface ToOnnxOptions {
  /**
   * What comes in, where the first layer takes either: features, or tokens, which count as one-hot vectors; `'features'`
   * by default.
   */
  readonly inputs?: 'features' | 'tokens' | undefined;
}

/**
 * Writes a model as a file of ONNX, which onnxruntime and others run: its layers forward over the steps of a window.
 *
 * Inputs: `input`, tokens (int64, steps × lanes) or features (float32, steps × lanes × `inputSize`), and the state before
 * the first step by the names of `model.zeroState()`, such as `lstm.h` (float32, depth × lanes × size). Outputs: `output`
 * (float32, steps × lanes × `outputSize`), and the state after the last step, such as `lstm.h.after`. Steps and lanes may
 * be any; every step counts, there is no mask. Token −1 means no input. Operators of ONNX 17 (opset), numbers rounded to
 * float32; gates are in ONNX's order, i o f c and z r h. `minGru`, `minLstm`, `rgLru`, `slstm`, an LSTM with layer norm and
 * the largest of steps are written by `Scan`, since ONNX has no operators for them.
 *
 * A TypeError that names the layer, for `attention`, for layers and cells of your own, and for a `seq2seq`.
 *
 * ```ts
 * import { linear, lstm, sequential } from 'rxrnn';
 * import { fromOnnx, toOnnx } from 'rxrnn/onnx';
 *
 * const model = sequential({
 *   lstm: lstm({ inputSize: 3, hiddenSize: 8 }),
 *   linear: linear({ inputSize: 8, outputSize: 3 }),
 * });
 * const bytes = toOnnx(model, { inputs: 'tokens' }); // for a file, or InferenceSession.create(bytes)
 * console.log([...fromOnnx(bytes).layers.keys()].join(' ')); // -> lstm linear
 * ```
 */
export function toOnnx(model: Model, options: ToOnnxOptions = {}): Uint8Array {
  checkModel('toOnnx', 'model', model);
  const { inputs = 'features' } = checkOptions('toOnnx', options, { inputs: optional(oneOf('features', 'tokens')) });
  if (model.kind !== 'sequential') {
    throw new TypeError(`toOnnx: only a sequential can be written, got a ${showName(model.kind)}`);
  }
  const layers = [...model.layers];
  for (const [name, layer] of [...layers, ...(model.skip ? [['skip', model.skip] as const] : [])]) {
    if (!Object.hasOwn(LAYER_NODES, layer.kind)) {
      throw new TypeError(
        `toOnnx: layer ${showName(name)} is of kind ${showName(layer.kind)}, which cannot be written; ` +
          `there are ${listNames(Object.keys(LAYER_NODES))}`,
      );
    }
    if (layer.options['inputWeight'] === false) {
      throw new TypeError(`toOnnx: layer ${showName(name)} has no inputWeight, without which it cannot be written`);
    }
  }
  const { takes } = layers[0]![1];
  const tokens = takes === 'tokens' || (takes === 'either' && inputs === 'tokens' && model.skip?.takes !== 'features');
  if (inputs === 'tokens' && !tokens) {
    throw new TypeError(`toOnnx: layer ${showName(layers[0]![0])} takes features, but inputs is "tokens"`);
  }

  const builder = graphBuilder();
  const states: OnnxValue[] = [];
  const left: OnnxValue[] = [];
  const dims = { features: ['steps', 'lanes', model.inputSize], tokens: ['steps', 'lanes'] } as const;
  const given: OnnxValue = tokens
    ? { name: 'input', type: 'int64', dims: dims.tokens }
    : { name: 'input', type: 'float', dims: dims.features };

  /** The nodes of a layer, with its state in and out of the graph; gives its output. */
  function place(name: string, layer: Layer, input: string): string {
    builder.scope = name;
    const state: Record<string, string> = {};
    for (const [key, [depth, size]] of Object.entries(layer.state)) {
      state[key] = `${name}.${key}`;
      states.push({ name: state[key], type: 'float', dims: [depth, 'lanes', size] });
      left.push({ name: `${state[key]}.after`, type: 'float', dims: [depth, 'lanes', size] });
    }
    const x = input === 'input' && tokens && layer.kind !== 'embedding' ? oneHot(builder, layer.inputSize) : input;
    const { output, state: after } = LAYER_NODES[layer.kind]!({
      builder,
      layer,
      weights: partOf(model.weights, name, layer),
      x,
      state,
    });
    for (const [key, part] of Object.entries(after)) builder.output(`${name}.${key}.after`, part);
    return output;
  }

  let x = 'input';
  for (const [name, layer] of layers) x = place(name, layer, x);
  if (model.skip) {
    const beside = place('skip', model.skip, 'input');
    const width = model.skip.outputSize;
    const sum = builder.add('Add', [width === model.outputSize ? x : builder.slice(x, 2, 0, width), beside]);
    x = width === model.outputSize ? sum : builder.add('Concat', [sum, builder.slice(x, 2, width, END)], { axis: 2 });
  }
  builder.output('output', x);
  const output: OnnxValue = { name: 'output', type: 'float', dims: ['steps', 'lanes', model.outputSize] };
  const texts = { rxrnn: JSON.stringify({ version: 1, configuration: model.configuration }) };
  return encodeModel(builder.finish([given, ...states], [output, ...left]), texts);
}

/** One-hot vectors of tokens, zeros for −1: the operator counts −1 from the end, and so the last of one more is cut off. */
function oneHot(builder: GraphBuilder, size: number): string {
  const vectors = builder.add('OneHot', ['input', builder.integers(size + 1), builder.numbers([2], [0, 1])], {
    axis: -1,
  });
  return builder.slice(vectors, 2, 0, size);
}
