import fs, { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { latestCheckpoint } from '../../src/checkpoint/latestCheckpoint.js';
import { loadCheckpoint } from '../../src/checkpoint/loadCheckpoint.js';
import { saveCheckpoint } from '../../src/checkpoint/saveCheckpoint.js';
import type { Snapshot } from '../../src/checkpoint/snapshot.js';
import { original, patched } from './patched.js';
import { temporaryFolder } from './runs.js';
import { scalingOf } from '../../src/series/scalingOf.js';
import { snapshotOf } from './snapshots.js';

test('comes back as it was', () => {
  const kept = scalingOf({ centre: [1, 2], spread: [3, 4] });
  const path = saveCheckpoint(temporaryFolder(), { ...snapshotOf(12), scaling: kept });
  const { path: from, model, versions, vocabulary, scaling, ...rest } = loadCheckpoint(path);
  const { vocabulary: given, ...expected } = snapshotOf(12);
  assert.equal(rest, expected);
  assert.equal(vocabulary?.symbols, given?.symbols);
  assert.equal([...model.weights.learned], Array<number>(1088).fill(12));
  assert.equal([scaling?.centre, scaling?.spread], [kept.centre, kept.spread]);
  assert.is(from, path);
  assert.equal(Object.keys(versions), ['rxrnn', 'node', 'v8']);
});

test('what is optional may be absent', () => {
  const { training } = snapshotOf(3);
  const saved = loadCheckpoint(
    saveCheckpoint(temporaryFolder(), { training: { ...training, dropoutRandom: undefined } }),
  );
  assert.equal(saved.training, { ...training, dropoutRandom: undefined });
  assert.equal([saved.losses, saved.validations, saved.place, saved.randoms], [[], [], undefined, undefined]);
});

test('keeps the last of them, and whatever else lies there', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'notes.txt'), '');
  mkdirSync(join(folder, 'plots'));
  for (const step of [1, 2, 3, 4, 10, 9]) saveCheckpoint(folder, snapshotOf(step), { keep: 2 });
  const numbers = readdirSync(folder).map((name) => /0*(\d+)\.safe/.exec(name)?.[1] ?? name);
  assert.equal(numbers.toSorted(), ['10', '4', '9', 'notes.txt', 'plots']);
});

const spoilt: [string, (snapshot: Snapshot) => Map<string, { data: Float32Array | Float64Array }>][] = [
  ['weights.linear.bias', ({ training }) => new Map(training.weights)],
  ['optimizer.velocity.linear.bias', ({ training }) => new Map(training.optimizer.moments)],
  ['hidden.rnn.h', ({ training }) => new Map(training.hidden)],
];
for (const [name, tensors] of spoilt) {
  for (const value of [NaN, Infinity, -Infinity]) {
    test(`refuses ${value} in ${name}, and writes nothing`, () => {
      const folder = temporaryFolder();
      const snapshot = snapshotOf(5);
      const own = [...tensors(snapshot)].find(([key]) => name.endsWith(key))![1];
      own.data[own.data.length - 1] = value;
      assert.throws(
        () => saveCheckpoint(folder, snapshot),
        /^saveCheckpoint: .* is not finite after step 5; .* was not written$/,
      );
      assert.equal(readdirSync(folder), []);
    });
  }
}

for (const [what, change, message] of [
  ['a validation loss', { validations: [{ step: 1, loss: NaN }] }, 'validations must be JSON, got NaN as "loss"'],
  ['a next loss', { nextLoss: Infinity }, 'nextLoss must be JSON, got Infinity'],
  ['settings that are a list', { config: [] }, 'config must be an object, got []'],
  ['settings with NaN', { config: { a: [NaN] } }, 'config must be JSON, got NaN as "0"'],
  ['settings with a function', { config: { go() {} } }, 'config must be JSON, got function go as "go"'],
  ['settings with __proto__', { config: { ['__proto__']: 1 } }, 'config must not have a member __proto__'],
  [
    'a place without an epoch',
    { place: { epoch: -1, stages: {} } },
    'place.epoch must be an integer from 0 up, got -1',
  ],
] as [string, object, string][]) {
  test(`refuses what could never be read, and writes nothing: ${what}`, () => {
    const folder = temporaryFolder();
    assert.throws(
      () => saveCheckpoint(folder, { ...snapshotOf(5), ...change }),
      (error: Error) =>
        error.message.startsWith(`saveCheckpoint: loadCheckpoint could not read what goes with it: ${message}; `) &&
        error.message.endsWith(' was not written'),
    );
    assert.equal(readdirSync(folder), []);
  });
}

/** The calls that a save makes of the file system, in their order. */
const CALLS = ['openSync', 'writeSync', 'fsyncSync', 'closeSync', 'renameSync', 'readdirSync', 'unlinkSync'] as const;

const failures: [string, (name: string, args: readonly unknown[]) => unknown][] = [
  [
    'ENOSPC',
    () => {
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    },
  ],
  [
    'EIO',
    () => {
      throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
    },
  ],
  [
    'a short write',
    (name, args) => {
      const [file, data, from, length] = args as [number, Uint8Array, number, number];
      return name === 'writeSync' ? original.writeSync(file, data, from, Math.floor(length / 3)) : call(name, args);
    },
  ],
  [
    'a short write, then ENOSPC',
    (name, args) => {
      const [file, data, from, length] = args as [number, Uint8Array, number, number];
      if (name === 'writeSync' && length > 100) return original.writeSync(file, data, from, 100);
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    },
  ],
];
for (const [what, fail] of failures) {
  for (const lasting of [false, true]) {
    test(`${what} at the n-th call${lasting ? ' and ever after' : ''}, for every n: a checkpoint loads, the old one or the new`, () => {
      for (let n = 1, reached = true; reached; n++) {
        const folder = temporaryFolder();
        for (const step of [1, 2, 3]) saveCheckpoint(folder, snapshotOf(step));
        let calls = 0;
        const broken =
          (name: string) =>
          (...args: unknown[]): unknown => {
            calls++;
            return calls === n || (lasting && calls > n) ? fail(name, args) : call(name, args);
          };
        let error: Error | undefined;
        patched(Object.fromEntries(CALLS.map((name) => [name, broken(name)])), () => {
          try {
            saveCheckpoint(folder, snapshotOf(4));
          } catch (thrown) {
            error = thrown as Error;
          }
        });
        reached = calls >= n;
        assert.ok(n > 5 || reached, 'the calls of a save were counted');
        const refused: Error[] = [];
        const { training } = latestCheckpoint(folder, { onRefused: (error) => refused.push(error) })!;
        assert.equal(refused, []);
        // without an error it is the new one; with one, the old, or the new where only the folder's sync failed
        if (error) assert.ok(training.step === 3 || training.step === 4);
        else assert.is(training.step, 4);
        assert.equal(training, snapshotOf(training.step).training);
        saveCheckpoint(folder, snapshotOf(5));
        assert.is(latestCheckpoint(folder)!.training.step, 5, 'and the next save is as good as any');
      }
    });
  }
}

test('refused: keep 0', () => {
  assert.throws(
    () => saveCheckpoint(temporaryFolder(), snapshotOf(1), { keep: 0 }),
    /keep must be a positive integer, got 0$/,
  );
});

test.run();

function call(name: string, args: readonly unknown[]): unknown {
  return (original[name as keyof typeof fs] as (...args: readonly unknown[]) => unknown)(...args);
}
