import { fileURLToPath } from 'node:url';

/** Gives the path of a model in data/models/, which `npm run models` trains. */
export function bundledModelPath(name: 'english' | 'names'): string {
  return fileURLToPath(new URL(`../../data/models/${name}.safetensors`, import.meta.url));
}
