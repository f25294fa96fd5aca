import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listNames } from '../check/listNames.js';
import { show } from '../check/show.js';
import { string } from '../check/string.js';

/**
 * Gives the path of a file that comes with the package: small data sets, such as `dinosaurs.csv` (names), `load.csv`
 * (an hourly series) and `moby-dick.txt` (200 kB of English), and the models `models/names.safetensors` and
 * `models/english.safetensors`. An Error that lists them all where there is none of this name.
 *
 * ```ts
 * import { bundledFile, loadModel } from 'rxrnn';
 *
 * const { model, vocabulary } = loadModel(bundledFile('models/names.safetensors'));
 * console.log(model.outputSize === vocabulary?.size); // -> true
 * ```
 */
export function bundledFile(name: string): string {
  string('bundledFile', 'name', name);
  const folder = dataFolder();
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.\w+$/.test(path) && path !== 'README.md') // not a folder, nor what says where the files are from
    .toSorted();
  if (!names.includes(name)) throw new Error(`bundledFile: there is no ${show(name)}; there are ${listNames(names)}`);
  return join(folder, name);
}

/** Finds the package's data beside its package.json, from the sources and from what is built of them. */
function dataFolder(): string {
  const from = dirname(fileURLToPath(import.meta.url));
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) {
      const data = join(folder, 'data');
      if (existsSync(data)) return data;
    }
    if (folder === dirname(folder)) throw new Error(`bundledFile: rxrnn's files are not found above ${from}`);
  }
}
