import { from, Subject, take, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { requested } from '../../src/flow/demand.js';
import { marbles } from '../../src/record/marbles.js';
import { recorder } from '../../src/record/recorder.js';
import type { Marble, Recording } from '../../src/record/recording.js';
import { replay } from '../../src/record/replay.js';

const of = (marbles: readonly Marble[]): Recording => ({ about: null, tracks: [{ title: 'x', marbles }] });
const values = (...steps: readonly [number, string][]): Marble[] =>
  steps.map(([step, value]) => ({ step, kind: 'N', value }));
const abc = values([1, 'a'], [2, 'b'], [2, 'c']);

marbles('all at once, and the end', ({ expectObservable }) => {
  expectObservable(replay(of([...abc, { step: 2, kind: 'C' }]), 'x')).toBe('(abc|)');
});
marbles('a tick a step', ({ expectObservable }) => {
  const replayed$ = replay(of([...abc, { step: 9, kind: 'C' }]), 'x', { tick: 10 });
  expectObservable(replayed$).toBe('10ms a 9ms (bc) 66ms |');
});
marbles('without an end it does not end', ({ expectObservable }) => {
  expectObservable(replay(of(abc), 'x')).toBe('(abc)');
  expectObservable(replay(of(abc), 'x', { tick: 1 })).toBe('-a(bc)');
});
marbles('an error comes back by name and message', ({ expectObservable }) => {
  const error = { name: 'RangeError', message: 'no' };
  const failing = of([...values([1, 'a']), { step: 2, kind: 'E', error }]);
  expectObservable(replay(failing, 'x')).toBe('(a#)', undefined, new RangeError('no'));
  expectObservable(replay(failing, 'x', { tick: 1 })).toBe('-a#', undefined, new RangeError('no'));
});
marbles('leaving stops it', ({ expectObservable }) => {
  expectObservable(replay(of(abc), 'x', { tick: 2 }), '---!').toBe('--a');
});
marbles('demand is obeyed', ({ hot, expectObservable }) => {
  const demand = requested(hot('-1-2---1|', { 1: 1, 2: 2 }));
  expectObservable(replay(of([...abc, { step: 2, kind: 'C' }]), 'x', { demand })).toBe('-a-(bc)|');
});

test('a firehose of marbles stops with its consumer', () => {
  let read = 0;
  const many = Array.from({ length: 1000 }, (_, i) => ({ step: i, kind: 'N', value: i }) as const);
  const watched = new Proxy(many, {
    get: (target, key, self) => (/^\d+$/.test(String(key)) && read++, Reflect.get(target, key, self) as unknown),
  });
  const seen: number[] = [];
  replay<number>(of(watched), 'x')
    .pipe(take(3))
    .subscribe((n) => seen.push(n));
  assert.equal(seen, [0, 1, 2]);
  assert.ok(read < 10, `${read} read`);
});

test('a recording of a replay is the recording', () => {
  const run = recorder();
  from('hello').pipe(run.record('letters')).subscribe();
  const again = recorder();
  replay(run.recording(), 'letters').pipe(again.record('letters'), toArray()).subscribe();
  assert.equal(again.recording(), run.recording());
});

test('refuses what it cannot do', () => {
  assert.throws(() => replay(of(abc), 'y'), /replay: there is no track "y", only "x"/);
  assert.throws(() => replay(of(abc), 'x', { tick: NaN }), /replay: tick must be a number from 0 up, got NaN/);
  assert.throws(() => replay(of(abc), 'x', { tick: 1, demand: requested(new Subject()) }), /either tick or demand/);
});

test.run();
