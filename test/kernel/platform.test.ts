// Kernels on platforms that lack something, each in a process of its own: WebAssembly, permission to compile it, address
// space for its memory, shared memory; and what becomes of kernels that nobody holds any more.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

/** A bundle, since what runs TypeScript uses WebAssembly itself. */
const folder = mkdtempSync(join(tmpdir(), 'rxrnn-platform-'));
const bundle = join(folder, 'kernel.mjs');
const entry = fileURLToPath(new URL('../../src/kernel/createKernel.ts', import.meta.url));
buildSync({
  entryPoints: [entry],
  bundle: true,
  platform: 'node',
  format: 'esm',
  outfile: bundle,
  logLevel: 'warning',
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

interface Result {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program that may use `createKernel` and `print`; `before` goes ahead of Node in a shell. */
function run(program: string, { flags = [] as string[], setUp = '', before = '' } = {}): Result {
  const text = `${setUp}
    const { createKernel } = await import(${JSON.stringify(bundle)});
    const print = (what) => console.log(String(what));
    const attempt = (options) => {
      try {
        return createKernel('rnn', 'float32', options).backend;
      } catch (error) {
        return error.name + ': ' + error.message;
      }
    };
    ${program}`;
  const node = [process.execPath, ...flags, '--input-type=module', '-e', text];
  const [command, ...args] = before ? ['/bin/sh', '-c', `${before} exec "$@"`, 'sh', ...node] : node;
  const { status, stdout, stderr } = spawnSync(command!, args, { encoding: 'utf8', timeout: 120_000 });
  assert.is(status, 0, stderr);
  return { stdout, stderr };
}

const BOTH = `print(attempt({})); print(attempt({})); print(attempt({ backend: 'wasm' })); print(attempt({ workers: 2 }));`;

/** Plain by default, with one warning; an Error that says why where WebAssembly or threads were asked for. */
function fallsBack({ stdout, stderr }: Result, reason: RegExp): void {
  const [first, second, explicit, workers] = stdout.split('\n');
  assert.equal([first, second], ['plain', 'plain']);
  assert.match(explicit!, /^Error: backend wasm: /);
  assert.match(explicit!, reason);
  assert.match(
    workers!,
    /^Error: rnn: workers need WebAssembly, got 2: backend wasm: .*; leave workers out for backend /,
  );
  assert.match(workers!, reason);
  assert.match(stderr, reason);
  assert.is(stderr.split('about ten times slower').length, 2, stderr);
}

test('without WebAssembly the default is plain', () => {
  fallsBack(run(BOTH, { setUp: 'delete globalThis.WebAssembly;' }), /this platform has no WebAssembly/);
});

test('where WebAssembly may not be compiled the default is plain', () => {
  const setUp = `WebAssembly.Module = class { constructor() { throw new Error('violates the policy'); } };`;
  fallsBack(run(BOTH, { setUp }), /WebAssembly may not be compiled here: violates the policy/);
});

test('threads without shared memory are refused', () => {
  const { stdout } = run(`print(attempt({ workers: 2 })); print(attempt({}));`, {
    setUp: 'delete globalThis.SharedArrayBuffer;',
  });
  const [workers, alone] = stdout.split('\n');
  assert.match(workers!, /^Error: workers: threads need SharedArrayBuffer, which is not there/);
  assert.is(alone, 'wasm');
});

if (process.platform === 'linux') {
  const compute = `
    const kernel = createKernel('rnn', 'float32', {});
    const [y, x, w] = [kernel.allocate(2), kernel.allocate(2).fill(1), kernel.allocate(4).fill(2)];
    kernel.matrix(w, 2, 2).multiply(y, x, 1);
    print(y); print(kernel.backend); print(attempt({ backend: 'wasm' }));`;

  test('in 8 GB of address space a kernel computes, by WebAssembly where its memory can be reserved', () => {
    const { stdout, stderr } = run(compute, { before: 'ulimit -v 8000000;' });
    const [sums, backend, explicit] = stdout.split('\n');
    assert.is(sums, '4,4');
    if (backend === 'wasm') return;
    assert.match(stderr, /no address space left for the memory of WebAssembly .*--disable-wasm-trap-handler/);
    assert.match(explicit!, /^Error: backend wasm: no address space left/);
  });

  test('the advice given there is right', () => {
    const flags = process.allowedNodeEnvironmentFlags.has('--disable-wasm-trap-handler')
      ? ['--disable-wasm-trap-handler']
      : [];
    const { stdout } = run(compute, { flags, before: 'ulimit -v 8000000;' });
    assert.is(stdout, '4,4\nwasm\nwasm\n');
  });
}

test('what is only tried of the address space is not counted as memory', () => {
  const { stdout } = run(`
    const before = process.memoryUsage().external;
    print(attempt({}));
    print(Math.round((process.memoryUsage().external - before) / 2 ** 20));`);
  const [backend, mebibytes] = stdout.split('\n');
  assert.is(backend, 'wasm');
  assert.ok(Number(mebibytes) < 100, `${mebibytes} MiB`);
});

test('kernels that are dropped or disposed neither pile up nor leave a thread', () => {
  const { stdout } = run(
    `const fs = await import('node:fs');
    const threads = () => process.platform === 'linux' ? fs.readdirSync('/proc/self/task').length : 0;
    const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
    await turn();
    const before = threads();
    let most = 0;
    for (let i = 0; i < 60; i++) {
      const kernel = createKernel('rnn', 'float32', { backend: 'wasm', workers: i % 3 ? 1 : 2 });
      kernel.allocate(2_000_000).fill(1);
      if (i % 2) kernel.dispose();
      most = Math.max(most, process.memoryUsage.rss());
      await turn();
    }
    for (let i = 0; i < 6000 && threads() > before; i++) {
      globalThis.gc();
      await turn();
    }
    print(threads() - before);
    print(most / 2 ** 20);`,
    { flags: ['--expose-gc'] },
  );
  const [threads, most] = stdout.split('\n');
  assert.ok(Number(threads) <= 0, `${threads} threads are left`);
  assert.ok(Number(most) < 400, `${most} MiB stood at most; all 60 have 460`);
});

test('a disposed kernel that somebody holds does not hold its memory', () => {
  const { stdout } = run(
    `const held = [];
    let most = 0;
    for (let i = 0; i < 40; i++) {
      const kernel = createKernel('rnn', 'float32', { backend: 'wasm' });
      kernel.allocate(2_000_000).fill(1);
      held.push(kernel);
      kernel.dispose();
      await new Promise((resolve) => setTimeout(resolve, 5));
      globalThis.gc();
      most = Math.max(most, process.memoryUsage.rss());
    }
    print(held.length); print(most / 2 ** 20);`,
    { flags: ['--expose-gc'] },
  );
  const [held, most] = stdout.split('\n');
  assert.is(held, '40');
  assert.ok(Number(most) < 200, `${most} MiB stood at most; all 40 have 305`);
});

test.run();
