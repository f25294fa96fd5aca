import * as fc from 'fast-check';
import {
  EMPTY,
  from,
  identity,
  map,
  type MonoTypeOperatorFunction,
  NEVER,
  of,
  pipe,
  take,
  tap,
  throwError,
} from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear } from '../../src/layer/linear.js';
import { rnn } from '../../src/layer/rnn.js';
import { adam } from '../../src/learn/adam.js';
import { train } from '../../src/learn/train.js';
import { stateDict } from '../../src/model/stateDict.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import { print } from '../../src/record/print.js';
import { recorder } from '../../src/record/recorder.js';
import type { Entry } from '../../src/record/recording.js';
import { windows } from '../../src/token/windows.js';
import { operatorTable, row } from '../support/operatorTable.js';

const letters = { a: 'a', b: 'b', c: 'c' };

operatorTable({
  record: row({
    operator: () => recorder().record<string>('letters'),
    values: letters,
    results: letters,
    throws: 'it runs nothing of the user, and what it cannot keep it passes on',
  }),
});

test('keeps what streams do, a value of the clock a step', () => {
  const run = recorder({ about: 'letters' });
  const upper = map((letter: string) => letter.toUpperCase());
  from('abc').pipe(run.record('letters'), upper, run.record('upper')).subscribe();
  run.mark('sample', { after: 3 });
  assert.equal(print(run.recording()).split('\n').slice(0, -2), [
    '% rxrnn recording 1, 1 frame a step',
    '% about "letters"',
    '',
    '-ab(c|)',
    'title = letters',
    '',
    '-AB(C|)',
    'title = upper',
    '',
    '---a',
    'title = sample',
    'a := {"after":3}',
    '',
  ]);
});

test('the clock is the track that is named', () => {
  const run = recorder({ clock: 'twos' });
  const kept = from([1, 2, 3, 4]).pipe(
    run.record('ones'),
    map((n) => n * 2),
    take(3),
    run.record('twos'),
  );
  kept.subscribe();
  const [ones, twos] = run.recording().tracks;
  assert.equal(
    twos!.marbles.map(({ step }) => step),
    [1, 2, 3, 3],
  );
  assert.equal(
    ones!.marbles.map(({ step }) => step),
    [0, 1, 2],
  );
});

test('keeps errors by name and message, and an end that did not come not at all', () => {
  const run = recorder();
  throwError(() => new RangeError('no'))
    .pipe(run.record('errors'))
    .subscribe({ error: () => undefined });
  throwError(() => 'text')
    .pipe(run.record('texts'))
    .subscribe({ error: () => undefined });
  NEVER.pipe(run.record('never')).subscribe().unsubscribe();
  assert.equal(
    run.recording().tracks.map(({ marbles }) => marbles),
    [
      [{ step: 0, kind: 'E', error: { name: 'RangeError', message: 'no' } }],
      [{ step: 0, kind: 'E', error: { name: 'Error', message: '"text"' } }],
      [],
    ],
  );
});

test('each subscription is a track of its own', () => {
  const run = recorder();
  const letters$ = from('ab').pipe(run.record('letters'));
  letters$.subscribe();
  letters$.subscribe();
  assert.equal(
    run.recording().tracks.map(({ title, marbles }) => [title, marbles.map(({ step }) => step)]),
    [
      ['letters', [1, 2, 2]],
      ['letters (2)', [3, 4, 4]],
    ],
  );
});

test('a value that changes later is kept as it was', () => {
  const run = recorder();
  const list = [1];
  of(list).pipe(run.record('lists')).subscribe();
  list.push(2);
  assert.equal(run.recording().tracks[0]!.marbles[0], { step: 1, kind: 'N', value: [1] });
});

test('a value that cannot be kept fails the recording and not the run', () => {
  const run = recorder();
  let failed: unknown;
  run.entries$.subscribe({ error: (error: unknown) => (failed = error) });
  const seen: unknown[] = [];
  from([1, () => 2, 3])
    .pipe(run.record('values'))
    .subscribe((value) => seen.push(value));
  assert.is(seen.length, 3);
  const message =
    'record: "values" at step 2: valueText: a value to record must be plain data, got a function; map it first';
  assert.throws(
    () => run.recording(),
    (error: Error) => error instanceof TypeError && error.message === message,
  );
  assert.is((failed as Error).message, message);
});

test('entries come as they happen, over all tracks, and may be all that is kept', () => {
  const run = recorder({ keep: false });
  const entries: Entry[] = [];
  let ended = false;
  run.entries$.subscribe({ next: (entry) => entries.push(entry), complete: () => (ended = true) });
  from('ab').pipe(run.record('in'), run.record('out')).subscribe();
  run.end();
  assert.equal(
    entries.map(({ title, step, kind }) => `${title} ${step} ${kind}`),
    ['in 1 N', 'out 1 N', 'in 2 N', 'out 2 N', 'in 2 C', 'out 2 C'],
  );
  assert.ok(ended);
  assert.throws(() => run.recording(), /nothing was kept/);
});

for (const title of ['', ' a', 'a\nb', 'a\u2028b', 'a\u0000']) {
  test(`refuses the title ${JSON.stringify(title)}`, () => {
    assert.throws(() => recorder().record(title), /^record: title must be visible text/);
    assert.throws(() => recorder().mark(title, 1), /^mark: title must be visible text/);
  });
}

test('recording a run, anywhere and more than once, changes no bit of it', () => {
  const tokens = Array.from({ length: 90 }, (_, i) => (i * i) % 5);
  const plain = learned([]);
  fc.assert(
    fc.property(fc.array(fc.nat(3), { maxLength: 6 }), (taps) => {
      assert.equal(learned(taps), plain);
    }),
    { numRuns: 30 },
  );

  /** Losses and weights of a run with recorders at these of four places. */
  function learned(taps: readonly number[]): unknown[] {
    const layers = { rnn: rnn({ inputSize: 5, hiddenSize: 4 }), linear: linear({ inputSize: 4, outputSize: 5 }) };
    const model = sequential(layers, { dtype: 'float64', random: seeded(3) });
    const run = recorder();
    const at = <T>(place: number): MonoTypeOperatorFunction<T> =>
      taps
        .filter((tap) => tap === place)
        .reduce((before) => pipe(before, run.record<T>(`tap ${place}`)), identity as MonoTypeOperatorFunction<T>);
    const losses: number[] = [];
    from(tokens)
      .pipe(
        at(0),
        windows({ steps: 4 }),
        at(1),
        train(model, { optimizer: adam({ learningRate: 0.1 }) }),
        at(2),
        map(({ loss }) => loss),
        at(3),
        tap((loss) => run.mark('losses', loss)),
      )
      .subscribe((loss) => losses.push(loss));
    assert.ok(run.recording().tracks.length > 0);
    return [losses, ...stateDict(model).values()];
  }
});

test('an empty run is recorded, too', () => {
  const run = recorder();
  EMPTY.pipe(run.record('nothing')).subscribe();
  assert.equal(run.recording(), { about: null, tracks: [{ title: 'nothing', marbles: [{ step: 0, kind: 'C' }] }] });
});

test.run();
