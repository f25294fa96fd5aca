import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from '../support/programOf.js';
import { dialect } from './dialect.js';
import { proseOf } from './proseOf.js';

/** All that people read in the project. */
export const EVERYTHING: readonly string[] = ['README.md', '.github', 'src', 'pipelines', 'test'];

/** Phrases that stay, by file. */
const ALLOWED: readonly (readonly [path: RegExp, phrase: RegExp, reason: string])[] = [
  [/^test\/words\//, /./, 'the phrases themselves'],
];

/** Lists the dialect in files and folders, by paths from the root: `file:line: phrase → what to write instead`. */
export function dialectOf(paths: readonly string[]): string[] {
  return paths.flatMap(filesOf).flatMap((path) =>
    dialect(proseOf(path, readFileSync(join(ROOT, path), 'utf8')))
      .filter(({ phrase }) => !ALLOWED.some(([file, allowed]) => file.test(path) && allowed.test(phrase)))
      .map(({ line, phrase, instead }) => `${path}:${line}: ${phrase} → ${instead}`),
  );
}

/** The programs and documents at a path, but for generated ones. */
function filesOf(path: string): string[] {
  const full = join(ROOT, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full, { recursive: true, encoding: 'utf8' })
    .map((name) => relative(ROOT, join(full, name)).replaceAll('\\', '/'))
    .filter((name) => /\.(?:ts|mjs|py|md)$/.test(name) && name !== 'src/kernel/wasm/modules.ts')
    .toSorted();
}
