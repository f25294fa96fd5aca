import { refuse } from '../check/refuse.js';
import { showName } from '../check/showName.js';
import { tapeTexts } from '../layer/tapeTexts.js';
import type { Tensors } from '../types.js';
import { buildLayers, foreignForms, type LayerMakers } from './buildModel.js';
import { describedLayers } from './describedLayers.js';
import { formOf, type LayerForms } from './formOf.js';
import { largestEnd } from './largestEnd.js';

/** What a file is to hold beside a model, as far as it must fit the model. */
export interface KeptWithModel {
  readonly vocabulary?: { readonly size: number } | undefined;
  readonly scaling?: { readonly size: number } | undefined;
}

/**
 * What a file says of the layers that are not the library's; undefined where all are. Throws where a reader of the file
 * would make other layers than the model's, or where what goes with it is larger than the model's inputs and outputs:
 * it has tokens or columns that the model cannot read.
 */
export function formsForFile(
  configuration: Readonly<Record<string, unknown>>,
  parameters: Tensors,
  makers: LayerMakers,
  { vocabulary, scaling }: KeptWithModel,
): LayerForms | undefined {
  const layers = describedLayers.get(configuration) ?? new Map();
  const forms = Object.fromEntries([...layers].map(([name, layer]) => [name, formOf(layer)]));
  const built = buildLayers(configuration, parameters, makers, forms);
  const made = new Map(built.skip ? [...built.layers, ['skip', built.skip]] : built.layers);
  for (const [name, layer] of layers) {
    if (tapeTexts.get(layer.tape) === tapeTexts.get(made.get(name)!.tape)) continue;
    throw new TypeError(
      `layer ${showName(name)} has a tape other than that of ${showName(layer.kind)}; give it a kind of its own, with ` +
        'its maker in { layers: { kind: maker } }',
    );
  }
  const most = largestEnd(built.layers);
  for (const [what, kept] of Object.entries({ vocabulary, scaling })) {
    if (kept !== undefined && kept.size > most) {
      refuse(what, 'size', `at most that of the model's inputs and outputs, ${most}`, kept.size, 'number');
    }
  }
  return foreignForms(built);
}
