// Checks that the tests notice changes of the code: `npm run mutation -- GROUP [--mutate FILE[:FROM-TO]]`. Stryker,
// started with npx, makes one change at a time and runs the tests of the group against it.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { command, UsageError } from '../../pipelines/cli/command.js';

const STRYKER = '@stryker-mutator/core@9.6.1';

interface Group {
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
}

const OPTIMIZERS =
  'adagrad adam adamw clipGradNorm clipGradValue cosineDecay exponentialDecay optimize optimizer rmsprop sgd stepDecay trainer';

/** The files to change, with their tests except those that start processes. */
const GROUPS: Readonly<Record<string, Group>> = {
  flow: { mutate: ['src/flow/*.ts'], tests: testsIn('test/flow') },
  checkpoint: { mutate: ['src/checkpoint/*.ts'], tests: testsIn('test/checkpoint', ['kill', 'mutations']) },
  optimizers: {
    mutate: OPTIMIZERS.split(' ').map((name) => `src/learn/${name}.ts`),
    tests: ['optimizers', 'optimizerRules', 'clip', 'operators', 'learningRate', 'train', 'trainer'].map(
      (name) => `test/learn/${name}.test.ts`,
    ),
  },
};

await command(import.meta.url, {
  about: 'Measures the share of changes that the tests notice; exit status 1 below 85 %.',
  argument: 'GROUP',
  options: {
    mutate: { kind: 'text', help: 'one file of the group, or some of its lines: FILE:FROM-TO' },
    concurrency: { kind: 'count', initial: 1, help: 'changes tried at the same time' },
    report: { kind: 'text', help: "file for Stryker's report, as JSON" },
  },
  async run({ mutate, concurrency, report }, name) {
    const group = GROUPS[name ?? ''];
    if (!group) throw new UsageError(`GROUP must be ${Object.keys(GROUPS).join(' or ')}, got ${name ?? 'none'}`);
    const bundle = group.tests[0]!.replace(/[^/]+$/, 'mutation.mjs'); // from this folder it finds other files
    const folder = mkdtempSync(join(tmpdir(), 'rxrnn-mutation-'));
    const configuration = join(folder, 'stryker.json');
    const runner = join(folder, 'runner.mjs');
    const leftOut = join(folder, 'left-out.txt');
    writeFileSync(leftOut, '');
    await build({ entryPoints: ['test/mutation/runner.ts'], outfile: runner });
    const settings = {
      mutate: mutate === undefined ? group.mutate : [mutate],
      ignorePatterns: ['dist', 'coverage', 'data'],
      tempDirName: join(folder, 'sandbox'),
      // Types do not matter here: esbuild removes them.
      tsconfigFile: 'no-tsconfig.json',
      disableTypeChecks: false,
      plugins: [runner],
      testRunner: 'uvu',
      testRunnerNodeArgs: ['--expose-gc', '--max-old-space-size=1024'],
      coverageAnalysis: 'perTest',
      buildCommand: `tsx test/mutation/bundle.ts ${bundle} ${group.tests.join(' ')}`,
      concurrency,
      dryRunTimeoutMinutes: 20,
      timeoutMS: 120_000,
      reporters: ['clear-text', 'progress-append-only', ...(report === undefined ? [] : ['json'])],
      ...(report !== undefined && { jsonReporter: { fileName: report } }),
      thresholds: { high: 95, low: 85, break: 85 },
      clearTextReporter: { reportTests: false, logTests: false },
      allowConsoleColors: false,
    };
    writeFileSync(configuration, JSON.stringify(settings));
    process.exitCode = await new Promise<number>((resolve) => {
      spawn('npx', ['--yes', '-p', STRYKER, 'stryker', 'run', configuration], {
        stdio: 'inherit',
        env: { ...process.env, TEST_LARGE: '20000', MUTATION_TESTS: bundle, MUTATION_LEFT_OUT: leftOut },
      }).on('close', (status) => resolve(status ?? 1));
    });
    process.stdout.write(readFileSync(leftOut));
    rmSync(folder, { recursive: true, force: true });
  },
});

function testsIn(folder: string, without: readonly string[] = []): string[] {
  const left = without.map((name) => `${name}.test.ts`);
  const names = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && !left.includes(name));
  return names.map((name) => `${folder}/${name}`);
}
