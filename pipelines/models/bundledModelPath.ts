import { fileURLToPath } from 'node:url';

/** The path of a model in data/models/: `english` or `names`, made by `npm run models`. */
export function bundledModelPath(name: 'english' | 'names'): string {
  return fileURLToPath(new URL(`../../data/models/${name}.safetensors`, import.meta.url));
}
