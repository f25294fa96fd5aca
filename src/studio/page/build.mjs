// Bundles the page. `npm run build` writes it beside the package; from the sources the server does so when it starts.
import { readFileSync, writeFileSync } from 'node:fs';
import { argv, stdout } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** The largest script and style together, in bytes. */
const LARGEST = 150_000;

/** Gives the page as `{ html, script, style }`. */
export async function buildPage() {
  const licence = readFileSync(fileURLToPath(import.meta.resolve('uplot/LICENSE')), 'utf8');
  const page = await bundle('page.ts', 'page.css');
  const html = readFileSync(new URL('page.html', import.meta.url), 'utf8');
  return { html, script: `/*! uPlot: ${licence.trim()} */\n${page('.js')}`, style: page('.css') };
}

/** Gives the worker that runs the page without a server. It is larger than the page, and seldom wanted. */
export async function buildWorker() {
  return (await bundle('../worker.ts'))('.js');
}

async function bundle(...names) {
  const { outputFiles } = await build({
    entryPoints: names.map((name) => fileURLToPath(new URL(name, import.meta.url))),
    outdir: 'page',
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    legalComments: 'none',
    write: false,
    logLevel: 'silent',
  });
  return (ending) => outputFiles.find(({ path }) => path.endsWith(ending)).text;
}

if (argv[1] && import.meta.url === pathToFileURL(argv[1]).href) {
  const page = await buildPage();
  const size = Buffer.byteLength(page.script) + Buffer.byteLength(page.style);
  if (size > LARGEST) throw new Error(`the page has ${size} bytes, more than ${LARGEST}`);
  writeFileSync(argv[2], JSON.stringify(page));
  writeFileSync(argv[3], await buildWorker());
  stdout.write(`page of the studio: ${size} bytes\n`);
}
