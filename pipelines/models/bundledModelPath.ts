import { bundledFile } from '../../src/index.js';

/** Gives the path of a model in data/models/, which `npm run models` trains. */
export function bundledModelPath(name: 'english' | 'names'): string {
  return bundledFile(`models/${name}.safetensors`);
}
