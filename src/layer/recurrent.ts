import { anything } from '../check/anything.js';
import { callable } from '../check/callable.js';
import { finite } from '../check/finite.js';
import { checkRecord } from '../check/checkRecord.js';
import { flag } from '../check/flag.js';
import { fraction } from '../check/fraction.js';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import type { CellKind } from './cellKind.js';
import { denseParameters } from './denseSums.js';
import type { Layer, Parameter } from './layer.js';
import { refuse } from '../check/refuse.js';
import { stack } from './stack.js';
import { tapeTexts } from './tapeTexts.js';

/** The sizes of one recurrent layer. */
export interface CellOptions {
  /** Width of the features; for tokens, the size of the vocabulary. */
  readonly inputSize: number;
  /** Numbers of the hidden state, and of the output per step. */
  readonly hiddenSize: number;
  /** Whether there are bias vectors; `true` by default. */
  readonly bias?: boolean | undefined;
  /**
   * The first recurrent weights: `uniform` by default, or `orthogonal` blocks, one per gate, by which a state neither
   * grows nor shrinks. Only for kinds with a recurrent product.
   */
  readonly recurrentInitializer?: 'uniform' | 'orthogonal' | undefined;
}

/** The sizes of a recurrent layer, and how several are stacked. */
export interface RecurrentOptions extends CellOptions {
  /** Stacked layers; 1 by default. */
  readonly numLayers?: number | undefined;
  /**
   * The share of numbers dropped between layers while learning, in [0, 1]; 0 by default. It is drawn from the generator
   * that `unroll` or `train` is given and does nothing with one layer.
   */
  readonly dropout?: number | undefined;
  /**
   * The share of the state that the recurrent product does not see while learning, the same numbers at every step of a
   * window, drawn for each lane, in [0, 1); 0 by default. Gal and Ghahramani, 2016; Keras's `recurrent_dropout`.
   */
  readonly recurrentDropout?: number | undefined;
  /**
   * Whether the first layer has a `weight_ih`; `true` by default. Without it the input is the sums of the gates, count ·
   * hidden numbers per step in the order of its rows, such as an `embedding` or `ngramEmbedding` as wide as that gives:
   * its rows are then the columns of that weight, and as many tokens as there may be cost no product. Only for kinds whose
   * sums are torch's.
   */
  readonly inputWeight?: boolean | undefined;
  /** Whether a second direction runs from the last step to the first, its output side by side; `false` by default. */
  readonly bidirectional?: boolean | undefined;
}

/** What a kind of cell adds to a recurrent layer. */
export interface RecurrentForm {
  /** Options of the kind of cell itself, checked by its maker; model files keep those that are not undefined. */
  readonly own?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** One layer in one direction whose parameters have no suffix, as torch's single cells; `false` by default. */
  readonly single?: boolean | undefined;
  /** What it reads: `either` by default. */
  readonly takes?: 'features' | 'either' | undefined;
}

const SIZES = {
  inputSize: positiveInteger,
  hiddenSize: positiveInteger,
  bias: optional(flag),
  recurrentInitializer: optional(oneOf('uniform', 'orthogonal')),
};
const STACKED = {
  numLayers: optional(positiveInteger),
  dropout: optional(fraction),
  recurrentDropout: optional(finite(0, 1)),
  inputWeight: optional(flag),
  bidirectional: optional(flag),
};
/** Options of kinds with a recurrent product. */
const OF_PRODUCT = ['recurrentInitializer', 'recurrentDropout'];

/**
 * Makes a recurrent layer of any kind of cell: `numLayers` layers, each in one direction or in both, with dropout
 * between them. `kind` is the name of the function that calls it, for messages and model files.
 *
 * Parameters under torch's names, in torch's order (layer by layer, forward then reverse) and initialisation: uniform
 * in [−1/√hidden, 1/√hidden). `weight_ih_l0` (count · hidden, input), `weight_hh_l0` (count · hidden, hidden),
 * `bias_ih_l0` and `bias_hh_l0` (count · hidden); from `_l1` on the input is the layer below; `_reverse` for the other
 * direction. A kind without a recurrent product has no `weight_hh` and no `bias_hh`. State: what the kind carries,
 * `[layers × directions, lanes, hidden]`. A RangeError or TypeError for options out of range and for unknown names.
 *
 * ```ts
 * import { type CellKind, recurrent, type RecurrentOptions, sequential } from 'rxrnn';
 *
 * // h[t] = 0.9 h[t−1] + W x[t] + b, without a product of the state
 * const leaky: CellKind = {
 *   count: 1,
 *   carried: ['h'],
 *   recurrentProduct: false,
 *   bind({ steps, lanes, hiddenSize, carried, allocate }) {
 *     const length = lanes * hiddenSize;
 *     const sums = allocate(steps * length);
 *     const { before, after } = carried['h']!;
 *     return {
 *       sums,
 *       hiddenSums: sums,
 *       step(t) {
 *         for (let i = 0; i < length; i++) after[t]![i] = 0.9 * before[t]![i]! + sums[t * length + i]!;
 *       },
 *       differentiate({ hiddenGradient }) {
 *         const sumsGradient = allocate(steps * length);
 *         return {
 *           sumsGradient,
 *           hiddenSumsGradient: sumsGradient,
 *           stepBack(t, dBefore) {
 *             for (let i = 0; i < length; i++) {
 *               sumsGradient[t * length + i] = hiddenGradient[t * length + i]!;
 *               dBefore[i]! += 0.9 * hiddenGradient[t * length + i]!;
 *             }
 *           },
 *         };
 *       },
 *     };
 *   },
 * };
 * const leakyLayer = (options: RecurrentOptions) => recurrent('leakyLayer', leaky, options);
 * const model = sequential({ leaky: leakyLayer({ inputSize: 3, hiddenSize: 2, numLayers: 2 }) });
 * console.log([...model.weights.tensors.keys()].join(' '));
 * // -> leaky.weight_ih_l0 leaky.bias_ih_l0 leaky.weight_ih_l1 leaky.bias_ih_l1
 * ```
 */
export function recurrent(kind: string, cell: CellKind, options: RecurrentOptions, form: RecurrentForm = {}): Layer {
  if (typeof kind !== 'string' || kind === '') refuse('recurrent', 'kind', 'the name of the layer', kind, 'none');
  const {
    own = {},
    single = false,
    takes = 'either',
  } = checkOptions(`${kind}: form`, form, {
    own: optional(checkRecord),
    single: optional(flag),
    takes: optional(oneOf('features', 'either')),
  });
  const cellText = textOf(cell);
  cell = checkedKind(kind, cell);
  const { carried, recurrentProduct = true } = cell;
  const ownSums = cell.sums !== undefined || cell.parameters !== undefined;
  const checks = {
    ...SIZES,
    ...(!single && STACKED),
    ...Object.fromEntries(Object.keys(own).map((name) => [name, anything])),
  };
  // model files have these options also of kinds that refuse any other value of them
  const unlisted = [...(recurrentProduct ? [] : OF_PRODUCT), ...(ownSums ? ['inputWeight'] : [])];
  options = checkOptions<object>(kind, options, checks, unlisted) as RecurrentOptions;
  const { inputSize, hiddenSize, bias = true, recurrentInitializer } = options;
  const orthogonal = recurrentInitializer === 'orthogonal';
  const { numLayers = 1, dropout = 0, recurrentDropout = 0, inputWeight = true, bidirectional = false } = options;
  if (recurrentDropout > 0 && !recurrentProduct) {
    throw new RangeError(`${kind}: recurrentDropout needs a recurrent product, which this kind of cell does not have`);
  }
  if (orthogonal && !recurrentProduct) {
    throw new RangeError(
      `${kind}: recurrentInitializer needs a recurrent product, which this kind of cell does not have`,
    );
  }
  if (!inputWeight && ownSums) {
    throw new RangeError(`${kind}: inputWeight needs sums as torch's, which this kind of cell does not have`);
  }
  if (!inputWeight && inputSize !== cell.count * hiddenSize) {
    throw new RangeError(
      `${kind}: without inputWeight the input must be ${cell.count} · hiddenSize numbers, ${cell.count * hiddenSize}, ` +
        `got ${inputSize}`,
    );
  }
  const ends = bidirectional ? ['', '_reverse'] : [''];
  const suffixes = single
    ? [['']]
    : Array.from({ length: numLayers }, (_, layer) => ends.map((end) => `_l${layer}${end}`));
  const outputSize = hiddenSize * ends.length;

  function parametersOf(suffix: string, inputSize: number, direct: boolean): Parameter[] {
    const sizes = { inputSize, hiddenSize, bias, orthogonal, ...(direct && { direct }) };
    const own = cell.parameters?.(sizes) ?? denseParameters(cell, sizes);
    return own.map((parameter) => ({ ...parameter, name: parameter.name + suffix }));
  }

  const tape: Layer['tape'] = (context) =>
    stack({ inputSize, hiddenSize, cell, dropout, recurrentDropout, suffixes }, context);
  tapeTexts.set(tape, `${String(tape)}\n${cellText}`);
  return {
    kind,
    inputSize,
    outputSize,
    takes: inputWeight ? takes : 'features',
    parameters: suffixes.flatMap((sides, layer) =>
      sides.flatMap((suffix) =>
        parametersOf(suffix, layer === 0 ? inputSize : outputSize, layer === 0 && !inputWeight),
      ),
    ),
    state: Object.fromEntries(carried.map((name) => [name, [suffixes.length * ends.length, hiddenSize] as const])),
    bidirectional,
    options: {
      inputSize,
      hiddenSize,
      ...given(own),
      bias,
      ...(orthogonal && { recurrentInitializer: 'orthogonal' }),
      ...(!single && { numLayers, dropout, recurrentDropout, bidirectional }),
      ...(!inputWeight && { inputWeight }),
    },
    tape,
  };
}

/** The options that are there. */
function given(own: NonNullable<RecurrentForm['own']>): Layer['options'] {
  return Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) as Layer['options'];
}

/** What tells a kind of cell from another one. */
function textOf(cell: CellKind): string {
  const members = Object.entries(cell ?? {}).map(([name, value]) => `${name}: ${String(value)}`); // none is refused later
  return members.toSorted().join('\n');
}

/** A copy of a kind of cell, checked; its `bind` stays its method. */
function checkedKind(kind: string, cell: CellKind): CellKind {
  const { count, carried, recurrentProduct, inRows, parameters, sums } = checkOptions(`${kind}: cell`, cell, {
    count: positiveInteger,
    carried: carriedNames,
    recurrentProduct: optional(flag),
    inRows: optional(flag),
    parameters: optional(callable),
    sums: optional(callable),
    bind: callable,
  });
  return {
    count,
    carried: [...carried],
    ...(recurrentProduct !== undefined && { recurrentProduct }),
    ...(inRows !== undefined && { inRows }),
    ...(parameters && { parameters: (sizes) => cell.parameters!(sizes) }),
    ...(sums && { sums: (context) => cell.sums!(context) }),
    bind: (context) => cell.bind(context),
  };
}

/** Accepts different names, `h` first. */
function carriedNames(who: string, option: string, value: unknown): void {
  const names: readonly unknown[] = Array.isArray(value) ? value : [];
  const different = new Set(names).size === names.length;
  if (names[0] === 'h' && different && names.every((name) => typeof name === 'string' && name !== '')) return;
  refuse(who, option, 'a list of different names that begins with h', value, 'none');
}
