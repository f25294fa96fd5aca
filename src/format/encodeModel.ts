import { anything } from '../check/anything.js';
import { checkRecord } from '../check/checkRecord.js';
import { oneOf } from '../check/oneOf.js';
import { type Checks, options as checkOptions } from '../check/options.js';
import { optional } from '../check/optional.js';
import { reasonOf } from '../check/reasonOf.js';
import { showName } from '../check/showName.js';
import type { LayerMakers } from '../model/buildModel.js';
import { checkHalves } from '../model/checkHalves.js';
import { formsForFile } from '../model/formsForFile.js';
import { checkModel } from '../model/checkModel.js';
import type { Model } from '../model/model.js';
import { stateDict } from '../model/stateDict.js';
import { checkScaling } from '../series/checkScaling.js';
import type { Scaling } from '../series/scalingOf.js';
import type { Vocabulary } from '../token/vocabularyOf.js';
import type { HalfDtype, Numbers } from '../types.js';
import { jsonText } from './jsonText.js';
import { keptTexts } from './keptTexts.js';
import { readTexts } from './readModel.js';
import { safetensors } from './safetensors.js';
import { scalingText } from './scalingText.js';
import { vocabularyTexts } from './vocabularyTexts.js';

/** What a model file holds besides the model. */
export interface SaveModelOptions {
  /** The vocabulary of the tokens; by default the file has none. */
  readonly vocabulary?: Vocabulary | undefined;
  /** The scaling of the series that the model was trained with; by default the file has none. */
  readonly scaling?: Scaling | undefined;
  /** Where the model comes from, as plain JSON: corpus, seed, steps, loss; by default the file does not say. */
  readonly provenance?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Rounds the weights in the file to 16 bits, to half the size of float32: `float16` to a relative 2^−12 from 2^−14 up to
   * 65504, below to 2^−25 in absolute terms, and refuses larger ones by name; `bfloat16` to a relative 2^−9. The model itself
   * stays as it is; by default the file has its weights to the bit.
   */
  readonly dtype?: HalfDtype | undefined;
  /** Makers of your own layers by their kind, where the model has any: those that `loadModel` will need. */
  readonly layers?: LayerMakers | undefined;
}

const CHECKS: Checks<SaveModelOptions> = {
  vocabulary: anything,
  scaling: optional(checkScaling),
  provenance: anything,
  dtype: optional(oneOf('float16', 'bfloat16')),
  layers: optional(checkRecord),
};

/**
 * The bytes of a model file, for the function `who` that was called with the model and these options. What the reader
 * could not read is refused; the message names the reader and ends with `consequence`.
 */
export function encodeModel(
  { who, reader, consequence }: { readonly who: string; readonly reader: string; readonly consequence: string },
  model: Model,
  options: SaveModelOptions,
): Uint8Array {
  checkModel(who, 'model', model);
  options = checkOptions(who, options, CHECKS);
  const parameters = stateDict(model);
  for (const [name, { data }] of parameters) {
    if (!data.every(Number.isFinite)) throw new RangeError(`${who}: ${showName(name)} is not finite${consequence}`);
  }
  const { vocabulary, scaling, provenance, dtype, layers = {} } = options;
  if (dtype) for (const [name, { data }] of parameters) checkRounded(name, data, dtype);
  try {
    const { configuration } = model;
    const kept = vocabularyTexts(vocabulary);
    const forms = formsForFile(configuration, parameters, layers, { vocabulary, scaling });
    const metadata = {
      format: 'rxrnn',
      version: '1',
      configuration: JSON.stringify(configuration),
      ...(forms && { forms: JSON.stringify(forms) }),
      ...kept,
      ...scalingText(scaling),
      ...(provenance && { provenance: jsonText('provenance', provenance) }),
      ...Object(configuration['weightTying']), // name: kept, as safetensors' `save_model` says which tensors are others
    };
    const written = new Map<string, string>(Object.entries(metadata));
    readTexts(written);
    keptTexts(written, Infinity); // formsForFile has compared the sizes
    return safetensors(parameters, metadata, { dtype });
  } catch (cause) {
    throw new Error(`${who}: ${reader} could not read this model: ${reasonOf(cause)}${consequence}`, { cause });
  }

  function checkRounded(name: string, data: Numbers, dtype: HalfDtype): void {
    try {
      checkHalves(name, dtype, data);
    } catch (cause) {
      throw new RangeError(`${who}: ${reasonOf(cause)}${consequence}`, { cause });
    }
  }
}
