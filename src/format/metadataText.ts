import { parseJson } from '../check/parseJson.js';
import { MOST_VALUES } from './limits.js';

/**
 * Parses a text of a file's metadata by `parseJson`; `undefined` where there is none. Of at most 20,000 values, but
 * for those whose values are counted by others.
 */
export function metadataText(metadata: ReadonlyMap<string, string>, key: string, most: number = MOST_VALUES): unknown {
  const text = metadata.get(key);
  return text === undefined ? undefined : parseJson(key, text, most);
}
