import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build, type BuildResult } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { program } from './program.js';

const model = readFileSync(new URL('../../data/models/names.safetensors', import.meta.url));

/** Globals of every browser beyond the language. */
const BROWSER = {
  atob,
  performance,
  queueMicrotask,
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  TextDecoder,
  TextEncoder,
};

/** Bundles the program for browsers, without shims: any part of Node is an error. */
function bundle(format: 'esm' | 'iife'): Promise<BuildResult<{ write: false; metafile: true }>> {
  return build({
    entryPoints: [fileURLToPath(new URL('program.ts', import.meta.url))],
    bundle: true,
    platform: 'browser',
    format,
    globalName: 'rxrnn',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
}

test('bundles for browsers without shims, warnings or a part of Node', async () => {
  const { warnings, metafile } = await bundle('esm');
  assert.equal(warnings, []);
  const inputs = Object.keys(metafile.inputs);
  assert.ok(inputs.length > 100, `${inputs.length} files`);
  assert.equal(
    inputs.filter((path) => /fast-csv|uvu|koffi|^node:/.test(path)),
    [],
  );
});

test('the bundle learns, records, reads a model and writes where there is nothing of Node, with the same bits', async () => {
  const { outputFiles } = await bundle('iife');
  const context = createContext({ ...BROWSER, bytes: Uint8Array.from(model) });
  runInContext(outputFiles[0]!.text, context);
  assert.is(runInContext('typeof process + typeof Buffer + typeof require', context), 'undefined'.repeat(3));
  const there = (await runInContext('rxrnn.program(bytes)', context)) as string;
  const here = await program(model);
  assert.ok(here.includes('"again":true') && !here.includes('"again":false'));
  assert.is(there, here);
});

test.run();
