// Vectors of 256 bits: where they are to be had and why not, that the kernel computes the same bits with its large tiles,
// and that the test which the kernel has to pass notices other bits.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear, sequential, wideVectors } from '../../../src/index.js';
import { arena } from '../../../src/kernel/wasm/arena.js';
import { compile } from '../../../src/kernel/wasm/compile.js';
import { type Compiled, instantiate } from '../../../src/kernel/wasm/instantiate.js';
import { moduleBytes } from '../../../src/kernel/wasm/moduleBytes.js';
import { trialCalls, triedNames } from '../../../src/kernel/wasm/trialCalls.js';
import { wasm } from '../../../src/kernel/wasm/wasm.js';
import { webAssembly } from '../../../src/kernel/wasm/webAssembly.js';
import type { Answers } from './wideThreads.js';
import { wideCampaign } from './wideCampaign.js';

const DTYPES = ['float32', 'float64'] as const;
const RUNS = 50;

for (const dtype of DTYPES) {
  test(`${dtype}: large tiles compute the bits of small ones (${RUNS * triedNames.length} calls)`, () => {
    const tried: Compiled = { module: compile(dtype, true), vectorBits: 256 };
    assert.is(wideCampaign(dtype, tried, RUNS), RUNS * triedNames.length);
  });
}

/** What a program prints as JSON in a process of its own. */
function printed(args: readonly string[]): unknown {
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.is.not(stdout, '', stderr);
  return JSON.parse(stdout);
}

const before = wasm('float32');
const answers = new Map(DTYPES.map((dtype) => [dtype, wideVectors(dtype)]));

for (const dtype of DTYPES) {
  const { bits, reason } = answers.get(dtype)!;

  test(`${dtype}: ${bits} bits in Node ${process.versions.node}${reason === undefined ? '' : `, as ${reason}`}`, () => {
    const supported = Number.parseInt(process.versions.node, 10) >= 24 && process.arch === 'x64';
    if (reason === undefined) assert.ok(supported && bits === 256);
    else {
      assert.is(bits, 128);
      assert.match(reason, supported ? /^(products are no faster with them|RXRNN_WIDE is 0)/ : /must be/);
    }
    assert.equal(wideVectors(dtype), { bits, reason });
  });

  test(`${dtype}: a model made afterwards says what it computes with`, () => {
    const model = sequential({ linear: linear({ inputSize: 2, outputSize: 2 }) }, { dtype });
    assert.is(model.kernel.vectorBits, bits);
    assert.is(model.kernel.backend, 'wasm');
  });

  test(`${dtype}: the kernel chosen computes the bits of the other (${RUNS * triedNames.length} calls)`, () => {
    wideCampaign(dtype, instantiate(dtype, arena(dtype).memory), RUNS);
  });
}

test('a model made before stays as it is', () => assert.is(before.vectorBits, 128));

test('a model without WebAssembly has no vectors', () => {
  const model = sequential({ linear: linear({ inputSize: 2, outputSize: 2 }) }, { backend: 'plain' });
  assert.is(model.kernel.vectorBits, undefined);
});

test('RXRNN_WIDE turns it off in all spellings, and another is refused', () => {
  const off = ['0', 'false', 'OFF', 'no'];
  const on = ['', '1', 'true', 'On', 'yes'];
  const program = `
    import { wideVectors } from '${new URL('../../../src/index.ts', import.meta.url).href}';
    console.log(JSON.stringify(${JSON.stringify([...off, 'nope', ...on])}.map((value) => {
      process.env.RXRNN_WIDE = value;
      try { return wideVectors().reason ?? ''; } catch (error) { return error.message; }
    })));
  `;
  const answers = printed(['--import', 'tsx', '--input-type=module', '-e', program]) as string[];
  assert.equal(answers.slice(0, 5), [
    ...off.map((value) => `RXRNN_WIDE is ${value}`),
    'wideVectors: RXRNN_WIDE must be one of 0, false, off, no, 1, true, on, yes, got "nope"',
  ]);
  for (const answer of answers.slice(5)) assert.not.match(answer, 'RXRNN_WIDE');
  assert.is(answers.length, 10);
});

test('a thread has what the main thread had that started it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rxrnn-wide-'));
  const outfile = join(folder, 'threads.mjs');
  buildSync({
    entryPoints: [fileURLToPath(new URL('wideThreads.ts', import.meta.url))],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['koffi'],
  });
  const { early, own, late } = printed([outfile]) as Answers;
  rmSync(folder, { recursive: true });
  assert.equal([early.bits, early.vectorBits], [128, 128]);
  assert.is.not(early.reason, undefined);
  for (const answer of [own, ...late]) {
    assert.equal([answer.bits, answer.vectorBits], [own.bits, own.bits]);
    assert.is(answer.reason === undefined, own.bits === 256);
  }
});

test('another dtype is refused', () => {
  assert.throws(
    () => wideVectors('float16' as 'float32'),
    /^wideVectors: dtype must be float32 or float64, got "float16"$/,
  );
});

test('the test of a kernel notices other bits, by name', () => {
  const narrow: Compiled = { module: compile('float32'), vectorBits: 128 };
  const bytes = Buffer.from(moduleBytes('float32'));
  const at = bytes.lastIndexOf(Buffer.from(Float32Array.of(0.625).buffer)); // where tanh changes its formula
  bytes.set(new Uint8Array(Float32Array.of(0.5).buffer), at);
  const wrong: Compiled = { module: new webAssembly!.Module(bytes), vectorBits: 128 };
  const [expected, found] = [narrow, wrong].map((one) => trialCalls('float32', one, { rows: 6, width: 56 }));
  const different = triedNames.filter((name) => [0, 1, 2].some((seed) => expected!(name, seed) !== found!(name, seed)));
  assert.equal(different.toSorted(), ['activateTanh', 'gruCell', 'lstmCell', 'slstmCell']);
});

test('calls of different seeds and of different functions have different hashes', () => {
  const call = trialCalls('float32', { module: compile('float32'), vectorBits: 128 }, { rows: 6, width: 56 });
  const hashes = triedNames.flatMap((name) => [0, 1, 2].map((seed) => call(name, seed)));
  assert.ok(new Set(hashes).size > 0.95 * hashes.length);
});

test.run();
