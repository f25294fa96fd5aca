import { choice, count, flag, list, object, orAbsent, record, type Schema } from '../check/schema.js';
import type { Layer } from '../layer/layer.js';

/** What makers of layers of your own must give again besides parameters: what files say of such layers. */
export interface LayerForm {
  readonly takes: Layer['takes'];
  readonly inputSize: number;
  readonly outputSize: number;
  readonly state: Readonly<Record<string, readonly number[]>>;
  readonly bidirectional: boolean | undefined;
}

/** The forms of layers, by their names. */
export type LayerForms = Readonly<Record<string, LayerForm>>;

/** The form of a layer. */
export function formOf({ takes, inputSize, outputSize, state, bidirectional }: Layer): LayerForm {
  return { takes, inputSize, outputSize, state, ...(bidirectional !== undefined && { bidirectional }) } as LayerForm;
}

/** Throws a RangeError where a layer that a maker gave has another form than the one it stands for. */
export function checkForm(where: string, made: Layer, expected: LayerForm): void {
  const [gives, needs] = [formOf(made), expected].map((form) => textsOf(form));
  for (const [part, text] of Object.entries(needs!)) {
    if (gives![part] === text) continue;
    throw new RangeError(`${where}: the maker of ${made.kind} gives a layer with ${part} ${gives![part]}, not ${text}`);
  }
}

function textsOf({ takes, inputSize, outputSize, state, bidirectional = false }: LayerForm): Record<string, string> {
  const sizes = Object.entries(state).map(([name, [layers, size]]) => `${JSON.stringify(name)}: ${layers} × ${size}`);
  return {
    takes,
    inputSize: `${inputSize}`,
    outputSize: `${outputSize}`,
    state: `{ ${sizes.join(', ')} }`,
    bidirectional: `${bidirectional}`,
  };
}

/** Forms in a file. */
export const layerForms: Schema<LayerForms> = record(
  object<LayerForm>({
    takes: choice('tokens', 'features', 'either'),
    inputSize: count,
    outputSize: count,
    state: record(list(count)),
    bidirectional: orAbsent(flag),
  }),
);
