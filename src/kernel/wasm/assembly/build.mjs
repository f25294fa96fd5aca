// Compiles the AssemblyScript of this folder twice, `Real` being f32 and then f64, and writes both modules, deflated and as
// base64, to ../modules.ts, which needs no loader; and from the table of ../interface.ts the typed calls, ../calls.ts. It fails where
// the table and the AssemblyScript disagree. `npm run build:kernel` calls it, and so does `npm ci`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import asc from 'assemblyscript/asc';
import { transformSync } from 'esbuild';
import { calls } from './calls.mjs';
import { elementwise } from './elementwise.mjs';
import { play } from './play.mjs';
import { disagreements, signaturesIn } from './signatures.mjs';
import { halfTiles } from './halfTiles.mjs';
import { tiles } from './tiles.mjs';

/** The code of the type v128. */
const VECTOR = 0x7b;

const folder = fileURLToPath(new URL('.', import.meta.url));
const table = await readTable();
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
const sources = new Map(files.map((name) => [name, readFileSync(`${folder}${name}`, 'utf8')]));
sources.set('tiles.ts', tiles());
sources.set('halfTiles.ts', halfTiles());
sources.set('elementwise.ts', elementwise(table));
const exportedBy = [...sources].map(([file, text]) => [file.replace('.ts', ''), signaturesIn(text)]);
const indexed = indexedFiles(sources.get('index.ts'));
const fileOf = new Map(
  exportedBy.filter(([file]) => indexed.has(file)).flatMap(([file, found]) => found.map(([name]) => [name, file])),
);
sources.set('play.ts', play(table, fileOf));
const signatures = new Map(
  [...exportedBy, ['play', signaturesIn(sources.get('play.ts'))]]
    .filter(([file]) => indexed.has(file))
    .flatMap(([, found]) => found),
);

const constants = [];
for (const [dtype, real] of [
  ['float32', 'f32'],
  ['float64', 'f64'],
]) {
  const { error, stderr, binary } = await compile(real);
  if (error) throw new Error(`${dtype}: ${error.message}\n${stderr}`);
  if (takesVectors(binary)) throw new Error(`${dtype}: a function takes a vector as a parameter, which ends Node 24`);
  const exported = WebAssembly.Module.exports(new WebAssembly.Module(binary)).flatMap(({ name, kind }) =>
    kind === 'function' ? [name] : [],
  );
  const lines = disagreements(table, signatures, exported);
  if (lines.length > 0) throw new Error(`interface.ts and the AssemblyScript disagree:\n${lines.join('\n')}`);
  const deflated = deflateRawSync(binary, { level: 9 }).toString('base64');
  constants.push(
    `export const ${dtype}: { readonly bytes: number; readonly deflated: string } = {\n  bytes: ${binary.length},\n  deflated:\n    '${deflated}',\n};\n`,
  );
}
writeFileSync(
  new URL('../modules.ts', import.meta.url),
  `// Made by assembly/build.mjs from the AssemblyScript beside it: WebAssembly modules, deflated, as base64.
${constants.join('')}`,
);
writeFileSync(new URL('../calls.ts', import.meta.url), calls(table));

/** The table, which is TypeScript, for Node versions that do not read it. */
async function readTable() {
  const text = readFileSync(new URL('../interface.ts', import.meta.url), 'utf8');
  const { code } = transformSync(text, { loader: 'ts', format: 'esm' });
  const module = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  return module.definitions;
}

/** The files that index.ts exports from. */
function indexedFiles(text) {
  return new Set([...text.matchAll(/from '\.\/(\w+)'/g)].map(([, file]) => file));
}

/**
 * Whether a function has a vector among its parameters: beside paired stores V8's revectorizer then ends the process
 * ("unreachable code"). The types are the first section.
 */
function takesVectors(binary) {
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = binary[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  if (binary[at++] !== 1) throw new Error('the module does not begin with its types');
  number(); // bytes of the section
  for (let left = number(); left > 0; left--) {
    at++; // a function
    const parameters = number();
    if (binary.subarray(at, at + parameters).includes(VECTOR)) return true;
    at += parameters;
    const results = number();
    at += results;
  }
  return false;
}

/** Below memoryBase lie the tables of exact.ts. */
async function compile(real) {
  let binary;
  const { error, stderr } = await asc.main(
    [
      'index.ts',
      ...[
        '--use',
        `Real=${real}`,
        '--use',
        'abort=',
        '--runtime',
        'stub',
        '--noAssert',
        '-O3',
        '--converge',
        ...(process.env.NAMES ? ['--debug'] : []),
      ],
      ...['--enable', 'simd,threads,bulk-memory', '--importMemory', '--sharedMemory'],
      ...['--initialMemory', '1', '--maximumMemory', '65536', '--memoryBase', '8192'],
      ...['--disableWarning', '112', '--outFile', 'module.wasm'],
    ],
    {
      readFile: (name) => sources.get(name) ?? null,
      writeFile: (_name, contents) => {
        binary = contents;
      },
      listFiles: () => [],
    },
  );
  return { error, stderr: String(stderr), binary };
}
