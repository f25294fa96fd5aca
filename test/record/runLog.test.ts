import * as fc from 'fast-check';
import { lastValueFrom, Subject, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { requested } from '../../src/flow/demand.js';
import { cutLog } from '../../src/record/cutLog.js';
import { firstDifference } from '../../src/record/firstDifference.js';
import { openLog } from '../../src/record/openLog.js';
import type { Entry } from '../../src/record/recording.js';
import { RecordingError } from '../../src/record/RecordingError.js';
import { replayLog } from '../../src/record/replayLog.js';
import { excerpt } from '../../src/record/excerpt.js';
import { runLog } from '../../src/record/runLog.js';
import { valueText } from '../../src/record/valueText.js';
import { operatorTable, row } from '../support/operatorTable.js';
import { recording } from './arbitraries.js';
import { counted, run, written } from './logs.js';

const entry = (step: number, value: unknown): Entry => ({ title: 'x', step, kind: 'N', value });

operatorTable({
  runLog: row({
    operator: () => runLog({ block: 1 }),
    values: { a: entry(1, 1), b: entry(1, 2), c: entry(1, 3) },
    results: { a: 'rxrnn', b: '@ 1 [', c: '@ 1 [', e: '00000' },
    look: (text) => text.slice(0, 5),
    emits: ['-a-b-c-|', '-a-b-c-(e|)'],
    empty: '(a|)',
    throws: {
      values: { x: entry(0, 1) },
      diagrams: ['-a-x-b', '-a-#'],
      error: new RangeError('runLog: steps must not decrease, got 0 after 1'),
    },
  }),
});

test('what is written is read, in order and to the bit (random runs, random blocks)', async () => {
  await fc.assert(
    fc.asyncProperty(recording, fc.integer({ min: 1, max: 7 }), async ({ about, tracks }, block) => {
      const entries = tracks
        .flatMap(({ title, marbles }) => marbles.map((marble): Entry => ({ ...marble, title })))
        .toSorted((a, b) => a.step - b.step);
      const log = openLog(written(entries, { about, block }));
      const read = await lastValueFrom(replayLog(log).pipe(toArray()));
      assert.is(valueText(read), valueText(entries.map(({ title, ...marble }) => ({ title, ...marble })).map(ordered)));
      assert.is(valueText(log.about), valueText(about === undefined ? null : about));
      assert.is(log.entries, entries.length);
    }),
    { numRuns: 200 },
  );
});

test('entries are read as they are demanded, a block at a time', () => {
  const bytes = written(run(1000), { block: 10 });
  const log = openLog(bytes);
  const demand$ = new Subject<number>();
  let seen = 0;
  bytes.taken = 0;
  replayLog(log, { demand: requested(demand$), verify: false }).subscribe(() => (seen += 1));
  demand$.next(15);
  assert.is(seen, 15);
  assert.is(bytes.taken, log.blocks[1]!.end - log.blocks[0]!.start);
});

test('a log of 40,000 tracks names each a few times, and is read as it was written', () => {
  const entries = Array.from({ length: 40_000 }, (_, i) => ({ ...entry(1, i), title: `track ${i}` }));
  const bytes = written(entries, { block: 10 });
  assert.ok(bytes.length < 40_000 * 500, `${bytes.length} bytes`); // all titles in each of 4000 blocks are a gigabyte
  const { tracks } = cutLog(openLog(bytes));
  assert.equal(
    tracks.map(({ title }) => title),
    entries.map(({ title }) => title),
  );
});

test('opening reads the first line and the index only', () => {
  const bytes = written(run(60_000));
  openLog(bytes);
  assert.ok(bytes.length > 900_000, `${bytes.length} bytes`);
  assert.ok(bytes.taken < 10_000, `${bytes.taken} read`);
});

test('the first difference of two long logs is found without reading the rest', () => {
  const losses = (step: number): number => 1 / step;
  const other = (step: number): number => (step === 23_456 ? losses(step) * (1 + 2 ** -52) : losses(step));
  const [one, two] = [written(run(60_000, losses)), written(run(60_000, other))];
  const [expected, actual] = [openLog(one), openLog(two)];
  one.taken = two.taken = 0;
  const found = firstDifference(expected, actual);
  assert.is(
    found?.message,
    `losses: entry 46912, at step 23456, differs: expected ${losses(23_456)}, got ${other(23_456)}`,
  );
  assert.is(found?.block, 11);
  assert.match(found!.details, /^from step 23444\nExpected: {2}\w+\nActual: {4}\w+\n\n/);
  assert.ok(one.taken < 400_000, `${one.taken} of ${one.length} bytes read`);
});

test('the first difference is that of a search from the start (random changes)', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9 }), fc.nat(50), (count, block, at) => {
      const entries = run(count);
      const others =
        at < count ? entries.with(at, { ...entries[at]!, kind: 'N', value: 'other' }) : entries.slice(0, -1);
      const [one, two] = [entries, others].map((list) => openLog(written(list, { block })));
      assert.is(firstDifference(one!, two!)?.index, Math.min(at, count - 1));
      assert.is(firstDifference(one!, openLog(written(entries, { block }))), undefined);
    }),
  );
});

test('logs of other blocks cannot be compared', () => {
  const [one, two] = [3, 4].map((block) => openLog(written(run(9), { block })));
  assert.throws(() => firstDifference(one!, two!), /firstDifference: blocks must have the same size, got 3 and 4/);
});

test('a log that was cut short anywhere is read as far as its lines are whole, where it may be unfinished', () => {
  const entries = run(10);
  const { bytes } = written(entries, { block: 3, about: 'a run' });
  const text = new TextDecoder().decode(bytes);
  const head = text.indexOf('\n') + 1;
  for (let length = head; length < bytes.length; length++) {
    const cut = counted(bytes.slice(0, length));
    assert.throws(() => openLog(cut), /cut short\?/);
    const log = openLog(cut, { unfinished: true });
    const read = log.blocks.flatMap((_, i) => log.read(i));
    const whole = text.slice(head, length).match(/^\d{1,3} .*\n/gm) ?? [];
    assert.equal(read, entries.slice(0, whole.length));
    assert.is(log.entries, whole.length);
    assert.is(log.about, 'a run');
  }
  assert.equal(openLog(counted(bytes), { unfinished: true }).blocks, openLog(counted(bytes)).blocks);
});

test('an unfinished log of many pieces is read to its last line; a block that was edited is refused', () => {
  const entries = run(20_000);
  const { bytes } = written(entries, { block: 7000 });
  const text = new TextDecoder().decode(bytes);
  const end = text.lastIndexOf('\n', text.indexOf('\n~ ', text.length / 2) + 5000) + 1;
  const cut = text.slice(0, end) + '1 0 0.';
  const log = openLog(counted(new TextEncoder().encode(cut)), { unfinished: true });
  const read = log.blocks.flatMap((_, i) => log.read(i));
  assert.equal(read, entries.slice(0, read.length));
  assert.ok(read.length > 14_000 && log.blocks.length === 3);
  const edited = cut.replace(/^1 0 3$/m, '1 0 4');
  const other = openLog(counted(new TextEncoder().encode(edited)), { unfinished: true });
  assert.throws(() => other.read(0), /expected the digest of this block of entries: edited\?/);
});

test('an unfinished log with a line of any length is read in pieces that grow', () => {
  const entries = [entry(1, 'short'), entry(2, 'x'.repeat(3_000_000)), entry(3, 'short')];
  const { bytes } = written(entries, { block: 9 });
  const end = new TextDecoder().decode(bytes).indexOf('\n~ ') + 1;
  const cut = counted(bytes.slice(0, end));
  assert.equal(openLog(cut, { unfinished: true }).read(0), entries);
  cut.taken = 0;
  let reads = 0;
  const read = (start: number, stop: number): Uint8Array => {
    reads += 1;
    return cut.read(start, stop);
  };
  openLog({ length: cut.length, read }, { unfinished: true });
  assert.ok(reads < 20 && cut.taken < 3 * cut.length, `${reads} reads of ${cut.taken} bytes`);
});

test('a stretch is cut out and drawn, and only its blocks are read', () => {
  const bytes = written(run(10_000), { block: 100 });
  const log = openLog(bytes);
  bytes.taken = 0;
  const { tracks } = cutLog(log, { from: 1000, to: 1003 });
  assert.is(
    excerpt(tracks, { from: 1000, to: 1003 }).split('\n').slice(0, 3).join('\n'),
    'from step 1000\ntokens  abcd\nlosses  efgh',
  );
  assert.ok(bytes.taken < 5000, `${bytes.taken} bytes read`);
});

test('every stretch holds the entries of its steps, whatever the blocks', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(25), fc.nat(25), (block, from, more) => {
      const entries = run(40);
      const { tracks } = cutLog(openLog(written(entries, { block })), { from, to: from + more });
      const cut = entries.filter(({ step }) => step >= from && step <= from + more);
      assert.is(
        tracks.reduce((sum, { marbles }) => sum + marbles.length, 0),
        cut.length,
      );
    }),
  );
});

const small = new TextDecoder().decode(written(run(20), { block: 8, about: { seed: 0 } }).bytes);
const open = (text: string): unknown[] => {
  const seen: unknown[] = [];
  let failure: unknown;
  replayLog(openLog(counted(new TextEncoder().encode(text)))).subscribe({
    next: (entry) => seen.push(entry),
    error: (error: unknown) => (failure = error),
  });
  assert.is(failure === undefined || seen.length === 0, true, 'half replayed');
  if (failure !== undefined) throw failure;
  return seen;
};

for (const [what, text, message] of [
  ['nothing', '', 'expected "rxrnn log 1, …", at line 1, column 1'],
  ['a newer version', small.replace('log 1', 'log 2'), 'expected version 1, got 2, at line 1, column 11'],
  [
    'an endless line',
    `${small.slice(0, 40)}${'x'.repeat(2 ** 21)}`,
    'expected a first line of at most 1048576 bytes, at line 1, column 1048577',
  ],
  ['a cut log', small.slice(0, -200), 'expected the index of the blocks: cut short?, at line 32, column 1'],
  [
    'a run log cut in a block',
    small.slice(0, 200),
    'expected the index of the blocks: cut short?, at line 13, column 1',
  ],
  [
    'another first line',
    small.replace('"seed":0', '"seed":1'),
    'expected the digest of the first line and the index: edited?, at line 33, column 1',
  ],
  [
    'another number of entries',
    small.replace(/ \d{15} ([0-9a-f]{64}\n)$/, ' 000000000000999 $1'),
    `expected ${run(20).length} entries, as the index lists, got 999, at line 33, column 1`,
  ],
  [
    'an entry that was changed',
    small.replace('0 1 0.1\n', '0 1 0.2\n'),
    'expected the digest of this block of entries: edited?, at line 24, column 1',
  ],
] as const) {
  test(`refuses ${what}`, () => {
    assert.throws(
      () => open(text),
      (error: unknown) =>
        error instanceof RecordingError && assert.is(error.message, `openLog: ${message}`) === undefined,
    );
  });
}

test('whatever is changed, what is thrown is ours, and nothing is half replayed', () => {
  const insert = fc.oneof(fc.string({ unit: 'binary', maxLength: 2 }), fc.constantFrom('\n', '0', '9', '~', 'end '));
  fc.assert(
    fc.property(fc.nat(), fc.nat(3), insert, (at, drop, insert) => {
      const place = at % (small.length + 1);
      const text = small.slice(0, place) + insert + small.slice(place + drop);
      if (text === small) return;
      try {
        open(text);
      } catch (error) {
        if (error instanceof RecordingError) return;
        throw error;
      }
      assert.unreachable(`read: ${JSON.stringify(text)}`);
    }),
    { numRuns: 1000 },
  );
});

test('a block must have entries', () => assert.throws(() => runLog({ block: 0 }), /runLog: block must be a positive/));

test.run();

/** The fields in the order in which a run log gives them. */
function ordered(entry: Entry): object {
  const { title, step, kind } = entry;
  if (kind === 'N') return { title, step, kind, value: entry.value };
  return kind === 'C' ? { title, step, kind } : { title, step, kind, error: entry.error };
}
