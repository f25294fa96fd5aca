// Compiles the scripts of pipelines/ and the command `rxrnn` that starts them, with all that they import but koffi, into
// one folder: `node .config/buildCommand.mjs [FOLDER]`. The command lists a script by the first sentence of its first line.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const scripts = readdirSync(join(root, 'pipelines')).filter((name) => name.endsWith('.ts'));
const jobs = Object.fromEntries(scripts.map((name) => [name.replace('.ts', ''), jobOf(name)]));

await build({
  absWorkingDir: root,
  entryPoints: [...scripts.map((name) => `pipelines/${name}`), 'pipelines/cli/rxrnn.ts'].map((path) => ({
    in: path,
    out: path.replace(/.*\/|\.ts$/g, ''),
  })),
  outdir: argv[2] ?? 'dist/command',
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'es2023',
  // as modules, of which only what is used is bundled; under `node` rxjs exports CommonJS
  alias: { rxjs: fileURLToPath(new URL('../esm/index.js', import.meta.resolve('rxjs'))) },
  external: ['koffi', 'fast-csv'],
  // the client of NATS is CommonJS, which asks for Node's own modules by `require`
  banner: { js: "import { createRequire as requireOf } from 'node:module'; var require = requireOf(import.meta.url);" },
  define: { JOBS: JSON.stringify(jobs), VERSION: JSON.stringify(version) },
  logLevel: 'warning',
});

/** What a script does, from its first line; an Error where that does not say. */
function jobOf(name) {
  const [line] = readFileSync(join(root, 'pipelines', name), 'utf8').split('\n');
  const job = /^\/\/ ([A-Z].*?)[.:](?: |$)/.exec(line)?.[1];
  if (job === undefined) throw new Error(`pipelines/${name}: its first line must say what it does, as one sentence`);
  return job;
}
