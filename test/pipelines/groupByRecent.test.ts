import { from, map, mergeMap, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { groupByRecent } from '../../pipelines/surprise/groupByRecent.js';
import { marbles } from '../../src/record/marbles.js';

marbles('one group too many ends the one least recently used', ({ cold, expectObservable }) => {
  const source = cold('  -a-b-a-c-b-|');
  const groups = '       -A-B---C-D-|';
  const a = '            -a---a---|';
  const b = '            ---b---|';
  const c = '            -------c---|';
  const d = '            ---------b-|';
  const group = (text: string) => cold(text.trim().replace(/^-*(?=\w)/, ''));
  expectObservable(source.pipe(groupByRecent((key: string) => key, { most: 2, idle: Infinity }))).toBe(groups, {
    A: group(a),
    B: group(b),
    C: group(c),
    D: group(d),
  });
});

test('a group that is idle ends at the next new key', () => {
  let time = 0;
  const seen: string[] = [];
  from(['a', 'b', 'a', 'c'])
    .pipe(
      groupByRecent((key: string) => key, { most: 9, idle: 15, now: () => (time += 10) }),
      mergeMap((group$, i) =>
        group$.pipe(
          toArray(),
          map((all) => `${i}${group$.key}${all.length}`),
        ),
      ),
    )
    .subscribe((group) => seen.push(group));
  assert.equal(seen, ['1b1', '0a2', '2c1']);
});

test('a hundred thousand keys: at most so many groups are open, and no item takes long', () => {
  let open = 0;
  let most = 0;
  let items = 0;
  from(Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 50_000))
    .pipe(
      groupByRecent((key: number) => key, { most: 100, idle: Infinity }),
      mergeMap((group$) => {
        most = Math.max(most, ++open);
        group$.subscribe({ complete: () => void (open -= 1) });
        return group$;
      }),
    )
    .subscribe(() => void (items += 1));
  assert.equal([items, open], [100_000, 0]);
  assert.ok(most <= 100, `${most} open`);
});

test.run();
