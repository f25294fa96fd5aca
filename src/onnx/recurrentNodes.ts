import type { Nonlinearity } from '../kernel/kernel.js';
import type { Layer, NumbersByName } from '../layer/layer.js';
import type { GraphBuilder } from './graphBuilder.js';
import { NONLINEARITIES, RECURRENT } from './operators.js';
import type { Recurrent, StackedLayer } from './stackedLayer.js';
import { isScanned, scanNodes } from './scanNodes.js';

/** Adds a recurrent layer, one operator per stacked layer: `x` is steps × lanes × input, states depth × lanes × hidden. */
export function recurrentNodes(
  builder: GraphBuilder,
  layer: Layer,
  weights: NumbersByName,
  x: string,
  state: Readonly<Record<string, string>>,
): Recurrent {
  const sides = layer.options['bidirectional'] === true ? 2 : 1;
  const depth = layer.state['h']![0] / sides;
  const single = layer.kind.endsWith('Cell');
  const after: Record<string, string[]> = Object.fromEntries(Object.keys(layer.state).map((name) => [name, []]));
  let input = x;
  for (let l = 0; l < depth; l++) {
    const suffixes = single ? [''] : sides === 2 ? [`_l${l}`, `_l${l}_reverse`] : [`_l${l}`];
    const initial = Object.entries(state).map(([name, part]) => [
      name,
      depth === 1 ? part : builder.slice(part, 0, l * sides, (l + 1) * sides),
    ]);
    const stacked = { builder, layer, weights, suffixes, input, initial: Object.fromEntries(initial) as never };
    const { output, state: left } = isScanned(layer) ? scanNodes(stacked) : operatorNodes(stacked);
    for (const [name, part] of Object.entries(left)) after[name]!.push(part);
    input = output;
  }
  const joined = Object.entries(after).map(([name, parts]) => [
    name,
    parts.length === 1 ? parts[0]! : builder.add('Concat', parts, { axis: 0 }),
  ]);
  return { output: input, state: Object.fromEntries(joined) as Record<string, string> };
}

function operatorNodes({ builder, layer, weights, suffixes, input, initial }: StackedLayer): Recurrent {
  const { operator, gates } = RECURRENT[layer.kind.replace('Cell', '') as keyof typeof RECURRENT];
  const hidden = layer.options['hiddenSize'] as number;
  const count = gates.length;
  const sides = suffixes.length;
  const constant = (name: string): string => {
    const parts = suffixes.map((suffix) => reordered(weights[name + suffix]!, gates, count));
    const width = parts[0]!.length / (count * hidden);
    return builder.numbers(
      [sides, count * hidden, width],
      parts.flatMap((part) => [...part]),
    );
  };
  const biases = (): string => {
    const parts = suffixes.flatMap((suffix) =>
      ['bias_ih', 'bias_hh'].map((name) => reordered(weights[name + suffix]!, gates, count)),
    );
    return builder.numbers(
      [sides, 2 * count * hidden],
      parts.flatMap((part) => [...part]),
    );
  };
  const nonlinearity = layer.options['nonlinearity'] as Nonlinearity | undefined;
  const activation = NONLINEARITIES[nonlinearity ?? 'tanh'];
  const [y, ...final] = builder.addAll(
    operator,
    [
      input,
      constant('weight_ih'),
      constant('weight_hh'),
      weights[`bias_ih${suffixes[0]!}`] ? biases() : '',
      '', // the lengths of sequences: all steps are there
      ...Object.values(initial),
    ],
    1 + Object.keys(initial).length,
    {
      hidden_size: hidden,
      direction: sides === 2 ? 'bidirectional' : 'forward',
      ...(operator === 'GRU' && { linear_before_reset: 1 }),
      ...(operator === 'RNN' && { activations: suffixes.map(() => activation) }),
      ...(activation === 'Affine' && {
        activation_alpha: { kind: 'floats', value: suffixes.map(() => 1) },
        activation_beta: { kind: 'floats', value: suffixes.map(() => 0) },
      }),
    },
  );
  const state = Object.keys(initial).map((name, i) => [name, final[i]!]);
  return { output: sideBySide(builder, y!, sides), state: Object.fromEntries(state) as Record<string, string> };
}

/** From steps × directions × lanes × hidden to steps × lanes × directions · hidden. */
function sideBySide(builder: GraphBuilder, y: string, sides: number): string {
  if (sides === 1) return builder.add('Squeeze', [y, builder.integers(1)]);
  const turned = builder.add('Transpose', [y], { perm: [0, 2, 1, 3] });
  return builder.add('Reshape', [turned, builder.integers(0, 0, -1)]);
}

/** The rows of a matrix or a vector, gate by gate in another order. */
function reordered(data: ArrayLike<number>, gates: readonly number[], count: number): number[] {
  const size = data.length / count;
  return gates.flatMap((gate) => Array.prototype.slice.call(data, gate * size, (gate + 1) * size) as number[]);
}
