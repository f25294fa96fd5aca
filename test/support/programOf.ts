// The compiler's view of the project's files, and of texts that a test adds.
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ts from 'typescript';

export const ROOT: string = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Compiles files under the project's own settings, by paths from the root; `texts` are files in memory. */
export function programOf(paths: readonly string[], texts: Readonly<Record<string, string>> = {}): ts.Program {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  const held = new Map(Object.entries(texts).map(([path, text]) => [resolve(ROOT, path), text]));
  host.fileExists = (path) => held.has(path) || fileExists(path);
  host.readFile = (path) => held.get(path) ?? readFile(path);
  return ts.createProgram([...paths.map((path) => resolve(ROOT, path)), ...held.keys()], options, host);
}
