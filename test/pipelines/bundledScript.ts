import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const project = fileURLToPath(new URL('../..', import.meta.url));
const REQUIRE = "import { createRequire as requireOf } from 'node:module'; var require = requireOf(import.meta.url);";
const bundles = new Map<string, Promise<string>>();
let folder: string | undefined;

/**
 * Bundles a pipeline as one program, once per process of tests, and gives its path: it starts in a seventh of the time that
 * it takes to compile each of its modules. It believes that it is the script, and its modules that they are where they were.
 * Packages that each run needs are in it, since finding their hundreds of files took as long as all the rest.
 */
export function bundledScript(script: string): Promise<string> {
  const known = bundles.get(script) ?? bundle(script);
  bundles.set(script, known);
  return known;
}

async function bundle(script: string): Promise<string> {
  const path = join(project, 'pipelines', script);
  const outfile = join(folderOfBundles(), `${bundles.size}.mjs`);
  await build({
    entryPoints: [path],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'es2023',
    alias: { rxjs: fileURLToPath(new URL('../esm/index.js', import.meta.resolve('rxjs'))) },
    external: ['koffi', 'fast-csv'],
    logLevel: 'warning',
    // the client of NATS is CommonJS, which asks for Node's own modules by `require`
    banner: { js: `${REQUIRE} process.argv[1] = ${JSON.stringify(path)};` },
    plugins: [
      {
        name: 'urls of the modules',
        setup({ onLoad }) {
          onLoad({ filter: /\.ts$/ }, ({ path }) => {
            const text = readFileSync(path, 'utf8');
            const url = JSON.stringify(pathToFileURL(path).href);
            return { contents: text.replaceAll('import.meta.url', url), loader: 'ts' };
          });
        },
      },
    ],
  });
  return outfile;
}

/** A folder from which packages are found. */
function folderOfBundles(): string {
  if (folder !== undefined) return folder;
  const made = mkdtempSync(join(tmpdir(), 'rxrnn-bundles-'));
  folder = made;
  process.on('exit', () => rmSync(made, { recursive: true }));
  symlinkSync(join(project, 'node_modules'), join(made, 'node_modules'));
  return made;
}
