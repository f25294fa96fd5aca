import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { from, lastValueFrom, map, type Observable, range, repeat, take, tap, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Bookmark, bookmark, type Place } from '../../src/flow/bookmark.js';
import { shuffle } from '../../src/flow/shuffle.js';
import { seeded } from '../../src/random/seeded.js';
import { marbles } from '../../src/record/marbles.js';
import { text } from '../../src/source/text.js';
import { windows } from '../../src/token/windows.js';
import type { Window } from '../../src/types.js';

function orderOf(count: number, size: number, seed: number, passes = 1): number[] {
  const seen: number[] = [];
  range(0, count)
    .pipe(shuffle({ size, random: seeded(seed) }), repeat(passes))
    .subscribe((value) => seen.push(value));
  return seen;
}

marbles('emits whenever it holds as many as size, and the rest at the end', ({ cold, expectObservable }) => {
  const order = orderOf(5, 3, 4).map((i) => 'abcde'[i]!);
  const [x, y, z, ...rest] = order;
  expectObservable(cold('-a-b-c-d-e-|').pipe(shuffle({ size: 3, random: seeded(4) }))).toBe(
    `-----${x}-${y}-${z}-(${rest.join('')}|)`,
  );
  expectObservable(cold('-a-b-c-|').pipe(shuffle({ size: 1, random: seeded(4) }))).toBe('-a-b-c-|');
});

test('every value comes once, at most size − 1 places early', () => {
  for (const size of [1, 2, 7, 50, 100]) {
    const order = orderOf(50, size, 3);
    assert.equal(
      order.toSorted((a, b) => a - b),
      Array.from({ length: 50 }, (_, i) => i),
    );
    for (const [place, value] of order.entries()) assert.ok(value <= place + size - 1, `${value} at ${place}`);
  }
});

test('passes differ, and are the same again for the same seed', () => {
  const passes = orderOf(20, 20, 5, 3);
  assert.equal(passes, orderOf(20, 20, 5, 3));
  assert.not.equal(passes.slice(0, 20), passes.slice(20, 40));
  assert.not.equal(passes, orderOf(20, 20, 6, 3));
});

test('with room for all, each order is as likely as the others', () => {
  const random = seeded(9);
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    from('abc')
      .pipe(shuffle({ size: 3, random }), toArray())
      .subscribe((order) => counts.set(order.join(''), (counts.get(order.join('')) ?? 0) + 1));
  }
  assert.is(counts.size, 6);
  for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 150, `${count} of 6000`);
});

test('it holds no more than size values', () => {
  let [sent, received, most] = [0, 0, 0];
  function* values(): Generator<number> {
    for (; sent < 1000;) {
      most = Math.max(most, sent - received);
      yield sent++;
    }
  }
  from(values())
    .pipe(shuffle({ size: 10, random: seeded(1) }))
    .subscribe(() => received++);
  assert.equal([received, most <= 10], [1000, true]);
});

test('refused: a size that is not a positive integer, a missing generator', () => {
  assert.throws(() => shuffle({ size: 0, random: seeded(1) }), /^shuffle: size must be a positive integer, got 0$/);
  assert.throws(
    () => shuffle({ size: 1 } as never),
    /^shuffle: random must be a generator such as seeded\(1\), got undefined$/,
  );
});

const DRAWN = { size: 7, random: (pass: number) => seeded(`order ${pass}`) };

test('with a bookmark it resumes after any value, in any pass, to the same order', () => {
  const whole: number[] = [];
  range(0, 20)
    .pipe(shuffle(DRAWN), repeat(3))
    .subscribe((value) => whole.push(value));
  assert.not.equal(whole.slice(0, 20), whole.slice(20, 40));
  for (let cut = 1; cut <= 60; cut++) {
    const mark = bookmark();
    let place: Place | undefined;
    const begun: number[] = [];
    range(0, 20)
      .pipe(shuffle({ ...DRAWN, bookmark: mark }), repeat(3), take(cut))
      .subscribe((value) => {
        begun.push(value);
        place = JSON.parse(JSON.stringify(mark.place())) as Place;
      });
    const rest: number[] = [];
    range(0, 20)
      .pipe(shuffle({ ...DRAWN, bookmark: bookmark(place) }), repeat(3 - Math.floor((cut - 1) / 20)))
      .subscribe((value) => rest.push(value));
    assert.equal([...begun, ...rest], whole, `cut after ${cut}`);
  }
});

test('a source with the same bookmark begins the pass again, the stages after it where they were', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'shuffle-')), 'text');
  writeFileSync(path, 'abcdefghijklmnop');
  const read = (mark: Bookmark): Observable<Window> =>
    text(path, { bookmark: mark }).pipe(
      map((letter) => letter.codePointAt(0)! - 97),
      shuffle({ ...DRAWN, bookmark: mark }),
      windows({ steps: 3, bookmark: mark }),
    );
  const whole = await lastValueFrom(read(bookmark()).pipe(toArray()));
  for (const cut of [1, 2, 4]) {
    const mark = bookmark();
    let place: Place | undefined;
    await lastValueFrom(
      read(mark).pipe(
        take(cut),
        tap(() => (place = mark.place())),
      ),
    );
    assert.equal(Object.keys(place!.stages), ['windows', 'shuffle']);
    assert.equal(await lastValueFrom(read(bookmark(place)).pipe(toArray())), whole.slice(cut));
  }
});

test('refused: a bookmark whose order cannot be drawn again, or that lies beyond the pass', () => {
  assert.throws(
    () => shuffle({ size: 2, random: seeded(1), bookmark: bookmark() }),
    /shuffle: with a bookmark random must be a function that gives the generator of a pass/,
  );
  assert.throws(
    () => shuffle({ size: 2, random: seeded(1), bookmark: {} as never }),
    /must be what bookmark\(\) makes/,
  );
  const failed: Error[] = [];
  range(0, 3)
    .pipe(shuffle({ ...DRAWN, bookmark: bookmark({ epoch: 0, stages: { shuffle: [0, 4] } }) }))
    .subscribe({ error: (error: Error) => failed.push(error) });
  range(0, 3)
    .pipe(shuffle({ size: 2, random: (() => 1) as never }))
    .subscribe({ error: (error: Error) => failed.push(error) });
  assert.match(failed[0]!.message, /shuffle: the bookmark lies after 4 values of a pass, the source has 3/);
  assert.match(failed[1]!.message, /shuffle: what random returns must be a generator such as seeded\(1\), got 1/);
});

test.run();
