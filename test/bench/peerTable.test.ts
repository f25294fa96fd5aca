import { cpus } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Entry, peerLines } from './peerLines.js';
import { peerTable } from './peerTable.js';

const entry = (peer: string, version: string, ...rates: number[]): Entry => ({
  peer,
  version,
  rates,
  lossFirst: 3.3,
  lossLast: 2.5,
});
const entries = [
  entry('rxrnn', 'rxrnn wasm, 128 bits, Node 20.20.2', 90, 100, 110),
  entry('rxrnn', 'rxrnn wasm, 256 bits, Node 24.21.0', 150, 140, 160),
  entry('NumPy optimised', 'NumPy 2.4.6 optimised', 40, 50, 60),
  entry('NumPy optimised', 'NumPy 1.24.2 optimised', 20),
  entry('PyTorch', 'PyTorch 2.13.0 nn', 160, 161, 162),
];

test('a line for each of ours, and for the fastest way of each peer with the rates of ours over its own', () => {
  assert.equal(
    peerLines('W1', entries, false).map((line) => line.replaceAll(/ +/g, ' ')),
    [
      'W1 rxrnn wasm, 128 bits, Node 20.20.2 100 chars/s loss 3.30 → 2.50',
      'W1 rxrnn wasm, 256 bits, Node 24.21.0 150 chars/s loss 3.30 → 2.50',
      'W1 NumPy 2.4.6 optimised 50 chars/s ours × 2.00 and 3.00 loss 3.30 → 2.50',
      'W1 PyTorch 2.13.0 nn 161 chars/s ours × 0.62 and 0.93 loss 3.30 → 2.50',
    ],
  );
  const { ratio, ratios, ways } = JSON.parse(peerLines('W1', entries, true)[2]!) as Record<string, unknown>;
  assert.equal(
    { ratio, ratios, ways },
    {
      ratio: 2,
      ratios: { 'rxrnn wasm, 128 bits, Node 20.20.2': 2, 'rxrnn wasm, 256 bits, Node 24.21.0': 3 },
      ways: { 'NumPy 2.4.6 optimised': 50, 'NumPy 1.24.2 optimised': 20 },
    },
  );
});

test('without ours a peer has no ratio', () => {
  const [line] = peerLines('W1', entries.slice(2, 3), false);
  assert.ok(!line!.includes('ours'), line);
});

test('the table has a row per peer, a column for each of ours, and says where, when and who', () => {
  const results = new Map([['W1', entries] as const]);
  const lines = peerTable(results, { threads: 1, rounds: 3, missing: ['tfjs: no @tensorflow/tfjs in .'] });
  assert.ok(lines[1]!.startsWith(cpus()[0]?.model.trim() ?? 'unknown'), lines[1]);
  assert.match(lines[1]!, /, \d{4}-\d\d-\d\d: rxrnn over each peer, one thread, median of 3 rounds in turns\.$/);
  assert.is(lines[2], 'Took part: NumPy optimised, PyTorch. Not there: tfjs: no @tensorflow/tfjs in .');
  assert.equal(
    lines.slice(4).map((line) => line.replaceAll(/ +/g, ' ').replaceAll(/-+/g, '-')),
    [
      '| workload | peer | rxrnn wasm, 128 bits, Node 20.20.2 | rxrnn wasm, 256 bits, Node 24.21.0 |',
      '| - | - | - | - |',
      '| W1 | NumPy 2.4.6 optimised | 2.0 | 3.0 |',
      '| W1 | PyTorch 2.13.0 nn | 0.62 | 0.93 |',
    ],
  );
});

test.run();
