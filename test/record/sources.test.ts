import { ignoreElements, mergeMap, type OperatorFunction } from 'rxjs';
import { test } from 'uvu';
import { openLog } from '../../src/record/openLog.js';
import type { Entry, Marble, Recording } from '../../src/record/recording.js';
import { replay } from '../../src/record/replay.js';
import { replayLog } from '../../src/record/replayLog.js';
import { timeTravel } from '../../src/record/timeTravel.js';
import { sourceRow, sourceTable } from '../support/sourceTable.js';
import { counted, run, written } from './logs.js';

const value = (step: number, value: unknown): Marble => ({ step, kind: 'N', value });
const recording = (...marbles: readonly Marble[]): Recording => ({ about: null, tracks: [{ title: 'x', marbles }] });
const end: Marble = { step: 4, kind: 'C' };
const failure: Marble = { step: 2, kind: 'E', error: { name: 'Error', message: 'as it was' } };
const abc = recording(value(1, 'a'), value(2, 'b'), value(3, 'c'), end);
const failed = recording(value(1, 'a'), failure);
const entries = (...values: readonly unknown[]): Entry[] =>
  values.map((item, i) => ({ title: 'x', ...value(i, item) }));
const whole = new TextDecoder().decode(written(entries(1, 2, 3), { block: 2 }).bytes);
const edited = counted(new TextEncoder().encode(whole.replace(' 3\n', ' 4\n')));

/** A recording that counts which of its marbles are looked at. */
function long(): { long: Recording; taken: () => number } {
  const seen = new Set<string>();
  const marbles = Array.from({ length: 100_000 }, (_, i) => value(i + 1, i));
  const watched = new Proxy(marbles, {
    get(target, key, self) {
      if (typeof key === 'string' && /^\d+$/.test(key)) seen.add(key);
      return Reflect.get(target, key, self) as unknown;
    },
  });
  return { long: { about: null, tracks: [{ title: 'x', marbles: watched }] }, taken: () => seen.size };
}

sourceTable({
  replay: sourceRow({
    source: (demand) => replay(abc, 'x', demand && { demand }),
    values: ['a', 'b', 'c'],
    empty: () => replay(recording(end), 'x'),
    fails: { source: () => replay(failed, 'x'), values: ['a'], error: 'as it was' },
    endless() {
      const { long: recording, taken } = long();
      return { source: replay(recording, 'x'), taken, most: 4 }; // three of them, and the last: is it an end?
    },
    synchronous: true,
  }),
  'replay, in time': sourceRow({
    source: () => replay(abc, 'x', { tick: 1 }),
    values: ['a', 'b', 'c'],
    empty: () => replay(recording(end), 'x', { tick: 0 }),
    fails: { source: () => replay(failed, 'x', { tick: 1 }), values: ['a'], error: 'as it was' },
    endless() {
      const { long: recording, taken } = long();
      return { source: replay(recording, 'x', { tick: 1 }), taken, most: 4 }; // three of them, and the next: when is it?
    },
    undemanded: 'time is its pace',
  }),
  replayLog: sourceRow({
    source: (demand) => replayLog(openLog(written(entries('a', 'b', 'c'), { block: 2 })), demand && { demand }),
    values: ['a', 'b', 'c'],
    look: (entry) => entry.kind === 'N' && entry.value,
    empty: () => replayLog(openLog(written([]))),
    fails: {
      source: () => replayLog(openLog(edited)),
      error: 'openLog: expected the digest of this block of entries: edited?, at line 7, column 1',
    },
    endless() {
      const bytes = written(run(10_000), { block: 10 });
      const log = openLog(bytes);
      bytes.taken = 0;
      return {
        source: replayLog(log, { verify: false }),
        taken: () => bytes.taken,
        most: log.blocks[0]!.end - log.blocks[0]!.start,
      };
    },
    synchronous: true,
  }),
  timeTravel: sourceRow({
    source: () => timeTravel<string, never, string>(abc, 2, { inputs: 'x', restore: () => mergeMap((x) => [x, x, x]) }),
    values: ['b', 'b', 'b'],
    empty: () => timeTravel<string, never, string>(abc, 2, { inputs: 'x', restore: () => ignoreElements() }),
    fails: {
      source: () =>
        timeTravel(abc, 2, {
          inputs: 'x',
          restore() {
            throw new Error('the user failed');
          },
        }),
      error: 'the user failed',
    },
    endless() {
      let taken = 0;
      let held = false;
      function* endless(): Generator<number> {
        held = true;
        try {
          for (;;) yield taken++;
        } finally {
          held = false;
        }
      }
      const inputs = 'x';
      const restore = (): OperatorFunction<string, number> => mergeMap((x) => (x === 'b' ? endless() : []));
      return {
        source: timeTravel<string, never, number>(abc, 2, { inputs, restore }),
        taken: () => taken,
        most: 3,
        held: () => held,
      };
    },
    synchronous: true,
    undemanded: 'it is what a pipeline emits at one step, and runs as that does',
  }),
});

test.run();
