// Measures the time to start: `npm run bench:startup`, which builds first, or `tsx test/bench/startup.ts [--json]`.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command, UsageError } from '../../pipelines/cli/command.js';
import { median } from './timing.js';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** Imports rxjs, then the built package by its name, as a user does, and makes a model; prints milliseconds. */
const program = `
  const times = [performance.now()];
  await import('rxjs');
  times.push(performance.now());
  const { linear, rnn, sequential } = await import('rxrnn');
  times.push(performance.now());
  sequential({ rnn: rnn({ inputSize: 27, hiddenSize: 50 }), linear: linear({ inputSize: 50, outputSize: 27 }) });
  times.push(performance.now());
  console.log(JSON.stringify(times.slice(1).map((time, i) => time - times[i])));`;

await command(import.meta.url, {
  about: `Milliseconds of importing rxjs, then rxrnn, and of a model, and until \`rxrnn generate\` prints its first character:
medians of fresh processes. The size of the package.`,
  options: {
    processes: { kind: 'count', initial: 20, help: 'processes' },
    json: { kind: 'flag', help: 'one JSON line' },
  },
  async run({ processes, json }) {
    checkBuilt();
    const times = Array.from({ length: processes }, begin);
    const [rxjs, importing, making] = [0, 1, 2].map((i) => median(times.map((parts) => parts[i]!)));
    const generate: number[] = [];
    for (let i = 0; i < processes; i++) generate.push(await firstCharacter());
    const first = median(generate);
    const total = median(times.map((parts) => parts.reduce((sum, part) => sum + part)));
    const { size, unpackedSize, entryCount } = dryRunPack();
    if (json) {
      const milliseconds = {
        rxjs_ms: rxjs,
        import_ms: importing,
        model_ms: making,
        total_ms: total,
        generate_ms: first,
      };
      return console.log(JSON.stringify({ ...milliseconds, packed_bytes: size, unpacked_bytes: unpackedSize }));
    }
    const [rxjsTime, importTime, modelTime, all] = [rxjs!, importing!, making!, total].map(
      (ms) => `${ms.toFixed(1)} ms`,
    );
    console.log(`rxjs ${rxjsTime}, rxrnn ${importTime}, model ${modelTime}, together ${all}`);
    console.log(`first character of rxrnn generate ${first.toFixed(0)} ms`);
    console.log(`packed ${(size / 1000).toFixed(0)} kB, ${entryCount} files of ${(unpackedSize / 1000).toFixed(0)} kB`);
  },
});

/** Measures both imports and the model in a new process, which finds the package by the name in package.json. */
function begin(): number[] {
  const options = { cwd: project, encoding: 'utf8' } as const;
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', program], options);
  return JSON.parse(printed) as number[];
}

/** Milliseconds until the compiled command has printed a character that it generated. */
async function firstCharacter(): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(project, 'dist/command/rxrnn.js'), 'generate', '--max-tokens', '1']);
  await once(child.stdout, 'data');
  const time = performance.now() - started;
  await once(child, 'close');
  return time;
}

/** Throws an Error where the build is older than the sources. */
function checkBuilt(): void {
  const newest = (folder: string): number =>
    Math.max(
      0,
      ...readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ts|js)$/.test(name))
        .map((name) => statSync(join(project, folder, name)).mtimeMs),
    );
  let built = 0;
  try {
    built = newest('dist');
  } catch {
    // there is none
  }
  if (built < newest('src')) throw new UsageError('dist is missing or older than src: npm run build');
}

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
  readonly entryCount: number;
}

function dryRunPack(): Packed {
  const flags = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const stdio: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'ignore'];
  const answer = JSON.parse(execFileSync('npm', flags, { cwd: project, encoding: 'utf8', stdio })) as
    Packed[] | Record<string, Packed>;
  return Object.values(answer)[0]!; // a list, or by name in later versions of npm
}
