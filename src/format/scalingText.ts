import { show } from '../check/show.js';
import { type Scaling, type ScalingNumbers, scalingOf } from '../series/scalingOf.js';
import { metadataText } from './metadataText.js';

/** Encodes a scaling as a text for a file's metadata. */
export function scalingText(scaling: Scaling | undefined): Readonly<Record<string, string>> {
  if (scaling === undefined) return {};
  if (typeof scaling !== 'object' || scaling === null) {
    throw new TypeError(`scaling must be what scaling() or scalingOf gives, got ${show(scaling)}`);
  }
  const { centre, spread } = scaling;
  return { scaling: JSON.stringify({ centre, spread }) };
}

/** The scaling of a file's metadata, where it has one; `scalingOf` refuses what is none. */
export function savedScaling(metadata: ReadonlyMap<string, string>): Scaling | undefined {
  const numbers = metadataText(metadata, 'scaling', Infinity); // `keptTexts` has counted them
  return numbers === undefined ? undefined : scalingOf(numbers as ScalingNumbers);
}
