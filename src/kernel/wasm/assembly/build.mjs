// Compiles the AssemblyScript of this folder twice, `Real` being f32 and then f64, and writes both modules as base64 to
// ../modules.ts, which needs no loader. `npm run prepare` calls it.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { play, played } from './played.mjs';
import { tiles } from './tiles.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const constants = [`export const played = ${JSON.stringify(played)} as const;\n`];
for (const [dtype, real] of [
  ['float32', 'f32'],
  ['float64', 'f64'],
]) {
  const { error, stderr, binary } = await compile(real);
  if (error) throw new Error(`${dtype}: ${error.message}\n${stderr}`);
  constants.push(`export const ${dtype}: string =\n  '${Buffer.from(binary).toString('base64')}';\n`);
}
writeFileSync(
  new URL('../modules.ts', import.meta.url),
  `// Made by assembly/build.mjs from the AssemblyScript beside it: WebAssembly modules as base64, and what one of their functions calls.\n${constants.join('')}`,
);

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
      readFile: (name) => {
        if (name === 'tiles.ts') return tiles();
        if (name === 'play.ts') return play();
        try {
          return readFileSync(`${folder}${name}`, 'utf8');
        } catch {
          return null;
        }
      },
      writeFile: (_name, contents) => {
        binary = contents;
      },
      listFiles: () => [],
    },
  );
  return { error, stderr: String(stderr), binary };
}
