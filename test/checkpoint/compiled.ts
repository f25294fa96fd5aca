import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ts from 'typescript';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** Compiles a script and what it imports of ours into a folder, so that it starts without tsx; gives its path there. */
export function compiled(script: string, folder: string): string {
  const seen = new Set<string>();
  const queue = [script];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const compilerOptions = {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    };
    const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), { compilerOptions });
    const to = placed(path, folder);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, outputText);
    for (const [, file] of outputText.matchAll(/from '(\.[^']*)\.js'/g)) queue.push(join(dirname(path), `${file}.ts`));
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module","version":"0.0.0"}');
  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  return placed(script, folder);
}

function placed(path: string, folder: string): string {
  return join(folder, relative(PROJECT, path)).replace(/\.ts$/, '.js');
}
