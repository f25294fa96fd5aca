import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { wideVectors } from '../../src/index.js';
import { stopwatch } from './timing.js';
import { makeText } from './workloads.js';

const folder = fileURLToPath(new URL('.', import.meta.url));

test('--json prints one line for a workload, and nothing else', async () => {
  const [status, stdout, stderr] = await bench('--workload', 'W1', '--seconds', '0.2', '--json');
  assert.is(stderr, '');
  assert.is(status, 0);
  const {
    chars_per_s: rate,
    loss_first: first,
    loss_last: last,
    ...rest
  } = JSON.parse(stdout) as Record<'chars_per_s' | 'loss_first' | 'loss_last', number>;
  assert.equal(rest, { workload: 'W1', threads: 1, backend: 'wasm', vector_bits: wideVectors().bits });
  assert.ok(rate > 0, `${rate} characters per second`);
  assert.ok(first > 3 && first < 4, `a first loss of ${first}, log 27 being 3.3`);
  assert.ok(last !== first && Number.isFinite(last), `a last loss of ${last}`); // smaller, had it more time
});

test('mistakes are one line on stderr and status 2', async () => {
  const mistakes = [
    [['--workload', 'W9'], /^bench\.ts: --workload must be one of W1, .*, got W9\n$/],
    [['--table'], /^bench\.ts: --node and --table are for --peers\n$/],
    [['--peers', '--node', '/no/node'], /^bench\.ts: --node must be the path of a Node, got \/no\/node\n$/],
    [
      ['--bare', '--peers'],
      /^bench\.ts: --bare, --scaling, --wide, --cells, --keyed and --peers are comparisons; take one\n$/,
    ],
  ] as const;
  const answers = await Promise.all(mistakes.map(([flags]) => bench(...flags)));
  for (const [i, [status, stdout, stderr]] of answers.entries()) {
    assert.match(stderr, mistakes[i]![1]);
    assert.equal([status, stdout], [2, '']);
  }
});

test('--scaling compares workers with one thread', async () => {
  const flags = ['--workload', 'W1', '--scaling', '--seconds', '0.2', '--rounds', '3', '--json'];
  const [status, stdout, stderr] = await bench(...flags);
  assert.equal([status, stderr], [0, '']);
  const { ratio, quartiles, ...rest } = JSON.parse(stdout) as { ratio: number; quartiles: [number, number] };
  assert.equal(rest, { workload: 'W1', workers: 2, rounds: 3 });
  assert.ok(ratio > 0 && quartiles[0] <= ratio && ratio <= quartiles[1], stdout);
});

test('--keyed compares many keys with one stream', async () => {
  const [status, stdout, stderr] = await bench('--keyed', '--seconds', '0.01', '--rounds', '1', '--json');
  assert.equal([status, stderr], [0, '']);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<'cell' | 'hidden', unknown> & Record<string, number>);
  assert.equal(
    lines.map(({ cell, hidden }) => [cell, hidden]),
    [
      ['rnn', 128],
      ['gru', 64],
      ['lstm', 128],
      ['lstm', 512],
    ],
  );
  for (const { ratio, tokens_per_s: one, keyed_tokens_per_s: keyed } of lines) {
    assert.ok(Math.abs(ratio! / (keyed! / one!) - 1) < 0.01, `${keyed} and ${one} tokens/s, × ${ratio}`);
  }
});

test('--cells compares the newer cells with the older ones', async () => {
  const flags = ['--workload', 'W2', '--cells', '--seconds', '0.1', '--rounds', '1', '--json'];
  const [status, stdout, stderr] = await bench(...flags);
  assert.equal([status, stderr], [0, '']);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { cell: string; beside: string; ratio: number });
  assert.equal(
    lines.map(({ cell, beside, ratio }) => [cell, beside, ratio > 0]),
    ['minGru', 'minLstm', 'rgLru', 'slstm'].map((cell) => [cell, 'lstm', true]),
  );
});

test('--wide compares vectors of 256 bits with those of 128, or says why there are none', async () => {
  const flags = ['--workload', 'W1', '--wide', '--seconds', '0.2', '--rounds', '3', '--json'];
  const [status, stdout, stderr] = await bench(...flags);
  const { reason } = wideVectors();
  if (reason !== undefined) {
    assert.equal([status, stdout], [2, '']);
    assert.match(stderr, /^bench\.ts: --wide: this Node has no vectors of 256 bits: .*\n$/);
    return;
  }
  assert.equal([status, stderr], [0, '']);
  const { ratio, ...rest } = JSON.parse(stdout) as { ratio: number; quartiles: [number, number] };
  assert.is(rest.quartiles[0] <= ratio && ratio <= rest.quartiles[1], true);
});

test('--no-wide measures vectors of 128 bits', async () => {
  const [status, stdout] = await bench('--workload', 'W1', '--no-wide', '--seconds', '0.2', '--json');
  assert.is(status, 0);
  assert.is((JSON.parse(stdout) as Record<string, unknown>)['vector_bits'], 128);
});

test('the text is the one that the Python and JavaScript peers learn', () => {
  assert.equal([...makeText(12, 27)], [3, 18, 12, 9, 21, 0, 3, 18, 12, 19, 3, 18]);
});

test('the stopwatch stops a slow workload soon', () => {
  const { each, result } = stopwatch(10, 0.002);
  let calls = 1;
  while (each(1 / calls)) {
    const until = performance.now() + 2;
    while (performance.now() < until);
    calls++;
  }
  assert.ok(calls < 20, `${calls} calls of two milliseconds`);
  const { rate, lossFirst, lossLast } = result();
  assert.ok(rate > 0 && rate <= 5001, `${rate} per second`);
  assert.is(lossFirst, 1);
  assert.is(lossLast, 1 / calls);
});

test.run();

function bench(...flags: string[]): Promise<[status: number, stdout: string, stderr: string]> {
  const args = ['--import', 'tsx', join(folder, 'bench.ts'), ...flags];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, (_error, stdout, stderr) => {
      resolve([child.exitCode ?? 1, stdout, stderr]);
    });
  });
}
