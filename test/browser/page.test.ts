// The page of pipelines/recipes/browser as esbuild, vite and webpack build it, with the sizes of what they build, and in
// Chromium under a strict policy: it learns in a worker, saves, and after a reload generates the same text.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';
import type { Browser } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { emptyFolder } from '../pipelines/runScript.js';
import { ROOT } from '../support/programOf.js';
import { findChromium } from './findChromium.js';

const RECIPE = join(ROOT, 'pipelines/recipes/browser');
/** Bytes after gzip that a page may load before it shows anything, and that its worker may load. */
const MOST = { page: 70_000, worker: 123_000 }; // the worker holds every cell and both modules of the kernel

const folder = emptyFolder(); // of a user: the recipe as JavaScript, and the package
const outOf = (name: string): string => join(folder, name);

const building = suite('building');
building.before(async () => {
  const installed = join(folder, 'node_modules/rxrnn');
  mkdirSync(installed, { recursive: true });
  symlinkSync(join(ROOT, 'node_modules/rxjs'), join(folder, 'node_modules/rxjs'), 'junction');
  symlinkSync(join(ROOT, 'node_modules/seedrandom'), join(folder, 'node_modules/seedrandom'), 'junction');
  cpSync(join(ROOT, 'package.json'), join(installed, 'package.json'));
  await build({
    entryPoints: [join(ROOT, 'src/index.browser.ts')],
    outdir: join(installed, 'dist'),
    bundle: true,
    splitting: true,
    minifySyntax: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  }); // as the package is built
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const name of readdirSync(RECIPE)) {
    const text = readFileSync(join(RECIPE, name), 'utf8');
    if (name.endsWith('.html')) writeFileSync(join(folder, name), text);
    if (!name.endsWith('.ts')) continue;
    const { code } = await transform(text, { loader: 'ts', target: 'es2022' });
    writeFileSync(join(folder, name.replace('.ts', '.js')), code);
  }
});

building('esbuild', async () => {
  const out = outOf('esbuild');
  await build({
    entryPoints: [join(folder, 'page.js'), join(folder, 'worker.js')],
    bundle: true,
    minify: true,
    format: 'esm',
    outdir: out,
    logLevel: 'error',
  });
  cpSync(join(folder, 'index.html'), join(out, 'index.html'));
  checkSizes(out);
});

building('vite', async () => {
  const { build } = await import('vite');
  const config = { root: folder, configFile: false, logLevel: 'error', worker: { format: 'es' } } as const;
  await build({ ...config, build: { outDir: outOf('vite'), modulePreload: { polyfill: false } } });
  checkSizes(outOf('vite'));
});

building('webpack', async () => {
  const { default: webpack } = await import('webpack');
  const out = outOf('webpack');
  const compiler = webpack({
    mode: 'production',
    context: folder,
    entry: './page.js',
    output: { path: out, filename: 'page.js', module: true },
    experiments: { outputModule: true },
    performance: false,
  });
  const failure = await new Promise<string>((resolve) => {
    compiler.run((error, stats) =>
      resolve(error?.message ?? (stats!.hasErrors() ? stats!.toString('errors-only') : '')),
    );
  });
  assert.is(failure, '');
  cpSync(join(folder, 'index.html'), join(out, 'index.html'));
  checkSizes(out);
});
building.run();

const executablePath = findChromium();
const running = suite('running');
const inChromium = executablePath ? running : running.skip;
let browser: Browser;
running.before(async () => {
  if (!executablePath) return;
  const { chromium } = await import('playwright-core');
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
});
running.after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** Names the files of the origin's private file system. */
const FILES = `navigator.storage.getDirectory().then((folder) => Array.fromAsync(folder.keys()))`;

const texts: string[] = [];
for (const [name, policy, backend] of [
  ['esbuild', "script-src 'self'", 'plain'],
  ['vite', "script-src 'self'", 'plain'],
  ['webpack', "script-src 'self' 'wasm-unsafe-eval'", 'wasm'],
] as const) {
  inChromium(`${name}, ${policy}: learns in a worker, saves, and generates the same text after a reload`, async () => {
    const server = await serve(outOf(name), policy);
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      const opfs = name !== 'vite'; // without it, the page keeps the model in IndexedDB
      if (!opfs) await page.addInitScript('delete FileSystemFileHandle.prototype.createWritable');
      const said: string[] = [];
      page.on('console', (message) => said.push(message.text()));
      page.on('pageerror', (error) => said.push(error.message));
      await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
      await page.getByText('no model yet').waitFor();
      await page.getByRole('button', { name: 'Learn' }).click();
      await page.getByText(`learned by ${backend}, saved`).waitFor();
      const text = await generated(page);
      await page.reload();
      await page.getByText(/^loaded: \d+ bytes$/).waitFor();
      assert.is(await generated(page), text);
      const files = await page.evaluate(FILES);
      assert.equal(files, opfs ? ['model.safetensors'] : []);
      texts.push(text);
      const warnings = said.filter((line) =>
        line.startsWith('rxrnn: backend wasm: WebAssembly may not be compiled here'),
      );
      assert.is(warnings.length, backend === 'plain' ? 2 : 0, said.join('\n')); // one per worker: before and after
    } finally {
      await context.close();
      server.close();
    }
  });
}

inChromium('two bundlers give the same text, which is like the one that was learned', () => {
  assert.is(texts[0], texts[1]);
  for (const text of texts) assert.match(text, /the /);
});
running.run();

/** The text of the page, once all of it is there. */
async function generated(page: import('playwright-core').Page): Promise<string> {
  for (;;) {
    const text = (await page.locator('pre').textContent())!;
    if (text.length === 80) return text;
    await setTimeout(50); // the policy forbids waitForFunction
  }
}

/** Serves a folder, every file with the policy. */
function serve(root: string, policy: string): Promise<Server> {
  const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };
  const server = createServer(({ url = '/' }, response) => {
    const path = join(root, url === '/' ? 'index.html' : url);
    if (!existsSync(path)) return void response.writeHead(404).end();
    const headers = { 'content-type': types[extname(path)] ?? 'application/octet-stream' };
    response.writeHead(200, { ...headers, 'content-security-policy': policy }).end(readFileSync(path));
  });
  return new Promise((resolve) => server.listen(0, 'localhost', () => resolve(server)));
}

/** The scripts that a bundler made: the worker is the largest, the rest is the page. */
function checkSizes(out: string): void {
  const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
  const sizes = files.map((name) => gzipSync(readFileSync(join(out, name)), { level: 9 }).length);
  const worker = Math.max(...sizes);
  const page = sizes.reduce((sum, size) => sum + size, -worker);
  console.log(`${out.split(/[\\/]/).at(-1)}: page ${page} bytes, worker ${worker} bytes, after gzip`);
  assert.ok(page > 0 && page <= MOST.page, `page: ${page} bytes`);
  assert.ok(worker <= MOST.worker, `worker: ${worker} bytes`);
}
