import { type Layer, type LayerTape, type Model, type NumbersByName, sequential, stateDict } from '../../src/index.js';

/** How many networks, and their sizes. */
export interface EnsembleOptions {
  readonly networks: number;
  /** The events that they know. */
  readonly size: number;
  readonly hidden: number;
}

/** The layers of one network, from first to last. */
export type LayersOf = (size: number, hidden: number) => Readonly<Record<string, Layer>>;

/**
 * A layer of several networks that read the same input; its output is the mean of theirs. For logits this is the
 * normalised geometric mean of the networks' probabilities: what one network alone has failed to learn has little weight.
 *
 * Parameters: those of each network as `NUMBER.LAYER.NAME`. The networks learn apart, each as a model of its own, and
 * `ensembleOf` puts them together: an Error where the layer itself is to learn. `kind` names the function that makes such a
 * layer from its options, for files of models.
 */
export function ensemble(kind: string, { networks, size, hidden }: EnsembleOptions, layersOf: LayersOf): Layer {
  const chain = Object.entries(layersOf(size, hidden));
  const [first, last] = [chain[0]![1], chain.at(-1)![1]];
  const members = Array.from({ length: networks }, (_, n) =>
    chain.map(([name, layer]) => ({ layer, prefix: `${n}.${name}.` })),
  );
  return {
    kind,
    options: { networks, size, hidden },
    inputSize: first.inputSize,
    outputSize: last.outputSize,
    takes: first.takes,
    ...(first.check && { check: first.check }),
    parameters: members
      .flat()
      .flatMap(({ layer, prefix }) =>
        layer.parameters.map((parameter) => ({ ...parameter, name: prefix + parameter.name })),
      ),
    state: Object.assign({}, ...members.flat().map(({ layer, prefix }) => prefixed(prefix, layer.state))),
    tape({ weights, steps: most, ...context }) {
      const output = context.allocate(most * context.lanes * last.outputSize);
      const tapes = members.map((member) =>
        member.map(({ layer, prefix }) =>
          layer.tape({ ...context, steps: most, weights: numbersUnder(prefix, weights) }),
        ),
      );
      const states = members.flatMap((member, n) =>
        member.map(({ prefix }, i) => prefixed(prefix, tapes[n]![i]!.state)),
      );
      return {
        output,
        state: Object.assign({}, ...states),
        forward(input, steps, { mask } = {}) {
          const length = steps * context.lanes * last.outputSize;
          output.fill(0, 0, length);
          for (const tape of tapes) {
            const own = outputOf(tape, input, steps, mask);
            for (let i = 0; i < length; i++) output[i]! += own[i]! / networks;
          }
        },
        differentiate() {
          throw new Error(`${kind}: its networks learn apart, not together`);
        },
      };
    },
  };
}

/** A model of trained models of the form that `layer`, made by `ensemble`, has; the weights are copied. */
export function ensembleOf(models: readonly Model[], layer: (networks: number) => Layer): Model {
  const parameters = models.flatMap((model, n) =>
    [...stateDict(model)].map(([name, tensor]) => [`networks.${n}.${name}`, tensor] as const),
  );
  return sequential({ networks: layer(models.length) }, { stateDict: new Map(parameters) });
}

/** The models that `ensembleOf` has put together, of a layer with these layers; the weights are copied. */
export function membersOf(model: Model, layersOf: LayersOf): Model[] {
  const { networks, size, hidden } = model.layers.get('networks')!.options as unknown as EnsembleOptions;
  const all = [...stateDict(model)];
  return Array.from({ length: networks }, (_, n) => {
    const prefix = `networks.${n}.`;
    const own = all.filter(([name]) => name.startsWith(prefix));
    const parameters = new Map(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
    return sequential(layersOf(size, hidden), { stateDict: parameters });
  });
}

function outputOf(
  tapes: readonly LayerTape[],
  input: Parameters<LayerTape['forward']>[0],
  steps: number,
  mask: Uint8Array | undefined,
): LayerTape['output'] {
  let x = input;
  for (const tape of tapes) {
    tape.forward(x, steps, { mask });
    tape.complete?.();
    x = tape.output;
  }
  return tapes.at(-1)!.output;
}

function prefixed<T>(prefix: string, named: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [prefix + name, value]));
}

function numbersUnder(prefix: string, weights: NumbersByName): NumbersByName {
  const own = Object.entries(weights).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, numbers]) => [name.slice(prefix.length), numbers]));
}
