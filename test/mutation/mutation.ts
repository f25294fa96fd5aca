// Whether the tests notice changes of the code: `npm run mutation -- GROUP [--mutate FILE[:FROM-TO]]`. Stryker, which
// comes through npx, changes one thing at a time and holds the tests of the group against each change.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, UsageError } from '../../pipelines/support/command.js';

const STRYKER = '@stryker-mutator/core@9.6.1';

/** What the tests of a group may compute for; a third of it is enough. */
const SECONDS = 60;

interface Group {
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
}

const OPTIMIZERS =
  'adagrad adam adamw checkCount checkState clipGradNorm clipGradValue cosineDecay exponentialDecay optimize optimizer rmsprop sgd stepDecay';

/** What is changed, and the tests that concern it, but for those that start processes; what takes longest comes last. */
const GROUPS: Readonly<Record<string, Group>> = {
  flow: {
    mutate: ['src/flow/*.ts'],
    tests: testsIn('test/flow', ['breathe', 'bookmark', 'invariants', 'settle']),
  },
  checkpoint: {
    mutate: ['src/checkpoint/*.ts'],
    tests: testsIn(
      'test/checkpoint',
      ['checkpoint', 'loadCheckpoint', 'safetensors', 'loadModel', 'readSafetensors'],
      ['kill', 'mutations'],
    ),
  },
  optimizers: {
    mutate: OPTIMIZERS.split(' ').map((name) => `src/learn/${name}.ts`),
    tests: ['optimizers', 'optimizerRules', 'clip', 'operators', 'schedules', 'training', 'trainingState'].map(
      (name) => `test/learn/${name}.test.ts`,
    ),
  },
};

await command(import.meta.url, {
  about: 'The share of changed code that the tests notice; 85 % at least, or exit status 1.',
  argument: 'GROUP',
  options: {
    mutate: { kind: 'text', help: 'one file of the group, or lines of it: FILE:FROM-TO' },
    concurrency: { kind: 'count', initial: 1, help: 'changes that are tried at the same time' },
    report: { kind: 'text', help: "where Stryker's report goes, as JSON" },
  },
  async run({ mutate, concurrency, report }, name) {
    const group = GROUPS[name ?? ''];
    if (!group) throw new UsageError(`GROUP must be ${Object.keys(GROUPS).join(' or ')}, got ${name ?? 'none'}`);
    const bundled = group.tests.map((path) => path.replace(/\.ts$/, '.js'));
    const folder = mkdtempSync(join(tmpdir(), 'rxrnn-mutation-'));
    const configuration = join(folder, 'stryker.json');
    const settings = {
      mutate: mutate === undefined ? group.mutate : [mutate],
      ignorePatterns: ['dist', 'coverage', 'data'],
      tempDirName: join(folder, 'sandbox'),
      // Types are no matter here: esbuild only takes them away.
      tsconfigFile: 'no-tsconfig.json',
      disableTypeChecks: false,
      testRunner: 'command',
      buildCommand:
        `esbuild test/mutation/inProcess.ts ${group.tests.join(' ')} --bundle --splitting --format=esm ` +
        '--platform=node --target=node20 --packages=external --outbase=. --outdir=. --chunk-names=src/chunks/[hash] --log-level=warning',
      // What runs without an end is stopped by the time that it computes, whatever else the machine does.
      commandRunner: {
        command: `ulimit -t ${SECONDS}; TEST_LARGE=50000 exec node --expose-gc test/mutation/inProcess.js ${bundled.join(' ')}`,
      },
      concurrency,
      timeoutMS: 60_000,
      reporters: ['clear-text', 'progress-append-only', ...(report === undefined ? [] : ['json'])],
      ...(report !== undefined && { jsonReporter: { fileName: report } }),
      thresholds: { high: 95, low: 85, break: 85 },
      allowConsoleColors: false,
    };
    writeFileSync(configuration, JSON.stringify(settings));
    process.exitCode = await new Promise<number>((resolve) => {
      spawn('npx', ['--yes', '-p', STRYKER, 'stryker', 'run', configuration], { stdio: 'inherit' }).on(
        'close',
        (status) => resolve(status ?? 1),
      );
    });
    rmSync(folder, { recursive: true, force: true });
  },
});

function testsIn(folder: string, last: readonly string[], without: readonly string[] = []): string[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => name.replace('.test.ts', ''));
  const first = names.filter((name) => !last.includes(name) && !without.includes(name));
  return [...first, ...last].map((name) => `${folder}/${name}.test.ts`);
}
