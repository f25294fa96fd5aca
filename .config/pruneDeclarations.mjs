// Deletes the declaration files in dist that no entry point of the package reaches: they describe private modules, which
// the bundled JavaScript has no files for either. `npm run build` calls it.
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const reached = new Set();
for (const { types, browser } of Object.values(exports)) {
  reach(resolve(root, types));
  if (browser) reach(resolve(root, browser.types));
}

const entries = readdirSync(dist, { recursive: true, withFileTypes: true });
for (const entry of entries) {
  const path = join(entry.parentPath, entry.name);
  if (entry.name.endsWith('.d.ts') && !reached.has(path)) rmSync(path);
}
const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
for (const folder of folders.toSorted((a, b) => b.length - a.length)) {
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

/** Adds a declaration file and all that it imports; comments hold examples, whose imports do not count. */
function reach(file) {
  if (reached.has(file)) return;
  if (!existsSync(file)) throw new Error(`${file} is imported and was not built`);
  reached.add(file);
  const code = readFileSync(file, 'utf8').replaceAll(/\/\*[^]*?\*\//g, '');
  for (const [, path] of code.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)\.js['"]/g)) {
    reach(resolve(file, '..', `${path}.d.ts`));
  }
}
