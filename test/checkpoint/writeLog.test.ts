import { existsSync, mkdirSync, mkdtempSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concat, from, lastValueFrom, map, NEVER, range, take, throwError, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fileBytes } from '../../src/checkpoint/fileBytes.js';
import { writeLog } from '../../src/checkpoint/writeLog.js';
import { credit } from '../../src/flow/credit.js';
import { concatMapBounded } from '../../src/flow/concatMapBounded.js';
import { openLog } from '../../src/record/openLog.js';
import { recorder } from '../../src/record/recorder.js';
import { RecordingError } from '../../src/record/RecordingError.js';
import { replayLog } from '../../src/record/replayLog.js';
import type { Entry } from '../../src/record/recording.js';
import { until } from '../support/until.js';

const folder = mkdtempSync(join(tmpdir(), 'rxrnn-'));
const entries = Array.from({ length: 100 }, (_, i): Entry => ({ title: 'x', step: i, kind: 'N', value: i / 7 }));

test('a run log goes to the disk and comes back under demand', async () => {
  const path = join(folder, 'run.log');
  await lastValueFrom(writeLog(path, from(entries), { block: 16 }), { defaultValue: undefined });
  const file = fileBytes(path);
  const inFlight = credit({ high: 3 });
  const slow$ = replayLog(openLog(file), { demand: inFlight }).pipe(
    concatMapBounded(inFlight, (entry) => Promise.resolve([entry])),
    map(([entry]) => entry!),
  );
  assert.equal(await lastValueFrom(slow$.pipe(toArray())), entries);
  assert.is(inFlight.peak, 3);
  file.close();
});

test('a recorder writes as the run goes, and keeps nothing', async () => {
  const path = join(folder, 'kept.log');
  const run = recorder({ keep: false });
  const written = lastValueFrom(writeLog(path, run.entries$, { block: 4 }), { defaultValue: undefined });
  range(0, 9).pipe(run.record('numbers')).subscribe();
  run.end();
  await written;
  const file = fileBytes(path);
  assert.is(openLog(file).entries, 10);
  file.close();
});

test('what came is in the temporary file soon, for a reader of a run that was killed', async () => {
  const place = mkdtempSync(join(folder, 'killed-'));
  const subscription = writeLog(join(place, 'run.log'), concat(from(entries), NEVER)).subscribe();
  const [name] = readdirSync(place);
  const path = join(place, name!);
  await until(() => statSync(path).size > 0);
  const file = fileBytes(path);
  const log = openLog(file, { unfinished: true });
  assert.equal(log.read(0), entries);
  file.close();
  subscription.unsubscribe();
  assert.equal(readdirSync(place), []);
});

for (const [what, entries$] of [
  [
    'fails',
    concat(
      from(entries),
      throwError(() => new Error('the run failed')),
    ),
  ],
  ['is left', concat(from(entries), NEVER)],
] as const) {
  test(`a run that ${what} leaves no file`, () => {
    const path = join(folder, `none-${what}.log`);
    let failure: unknown;
    const subscription = writeLog(path, entries$, { block: 4 }).subscribe({ error: (error) => (failure = error) });
    if (what === 'fails') assert.is((failure as Error).message, 'the run failed');
    else assert.is(readdirSync(folder).filter((name) => name.startsWith('none-is left')).length, 1);
    subscription.unsubscribe();
    assert.not(existsSync(path));
    assert.equal(
      readdirSync(folder).filter((name) => name.startsWith(`none-${what}`)),
      [],
    );
  });
}

test('a name that cannot be given at the end is an error, and leaves no file', () => {
  const path = join(folder, 'taken');
  mkdirSync(join(path, 'by a folder'), { recursive: true });
  const seen: string[] = [];
  writeLog(path, from(entries)).subscribe({
    error: ({ cause }: Error) => seen.push((cause as NodeJS.ErrnoException).syscall!),
    complete: () => seen.push('complete'),
  });
  assert.equal(seen, ['rename']);
  assert.equal(
    readdirSync(folder).filter((name) => name.startsWith('taken.')),
    [],
  );
});

test('a run log that was cut on the disk is refused', async () => {
  const path = join(folder, 'cut.log');
  await lastValueFrom(writeLog(path, from(entries).pipe(take(50))), { defaultValue: undefined });
  truncateSync(path, 700);
  const file = fileBytes(path);
  assert.throws(
    () => openLog(file),
    (error: unknown) => error instanceof RecordingError,
  );
  file.close();
});

test('a file that is missing, and a folder that is, are errors that name it', () => {
  assert.throws(() => fileBytes(join(folder, 'missing')), /missing: ENOENT/);
  let failure: unknown;
  writeLog(join(folder, 'no/where'), from(entries)).subscribe({ error: (error) => (failure = error) });
  assert.match((failure as Error).message, /ENOENT.*no\/where/);
});

test.run();
