import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ENTRY, FIELDS, KINDS, LIST } from '../../src/infer/contextMemory.js';
import { ABSENT, type ContextStore, contextStore, EMPTY } from '../../src/infer/contextStore.js';
import { seeded } from '../../src/random/seeded.js';

const VOCABULARY = 1000;

/** The context of one token, after which another one came. */
const contextOf = (store: ContextStore, token: number, after: number): number =>
  store.create(token * ENTRY, EMPTY, token, after);

const seen = (store: ContextStore, context: number, token: number): number =>
  store.count(context, token, store.placeOf(context, token));

const countAt = (store: ContextStore, place: number): number => store.memory.counts[(place >> 1) + 1]!;

for (const draw of ['evenly', 'a few often'] as const) {
  test(`counts after several contexts are those of a map, tokens drawn ${draw}, and the largest is the first`, () => {
    const random = seeded(draw);
    const store = contextStore(VOCABULARY);
    const contexts = [0, 1, 2].map((token) => contextOf(store, token, 7));
    const expected = contexts.map(() => new Map([[7, 1]]));
    for (let i = 0; i < 6000; i++) {
      const k = i % 3;
      const context = contexts[k]!;
      const share = random.uniform();
      const token = Math.floor(VOCABULARY * (draw === 'evenly' ? share : share ** 6));
      const place = seen(store, context, token);
      expected[k]!.set(token, (expected[k]!.get(token) ?? 0) + 1);
      assert.is(place, store.placeOf(context, token));
      if (place >= 0) assert.is(store.memory.entries[place], token);
      const list = store.memory.fields[context * FIELDS + LIST]!;
      if (place >= 0) assert.is(countAt(store, list), Math.max(...expected[k]!.values()));
    }
    for (const [k, context] of contexts.entries()) {
      assert.is(store.memory.fields[context * FIELDS + KINDS], expected[k]!.size);
      for (let token = 0; token < VOCABULARY; token++) {
        const place = store.placeOf(context, token);
        assert.is(place === ABSENT ? undefined : countAt(store, place), expected[k]!.get(token));
      }
    }
  });
}

/** How many of the tokens after a context that are counted once more, the last one first, are then in another place. */
function moved(store: ContextStore, context: number, kinds: number): number {
  let moves = 0;
  for (let token = kinds - 1; token > 0; token--) {
    const place = store.placeOf(context, token);
    if (seen(store, context, token) !== place) moves += 1;
  }
  return moves;
}

/** The context of a token after which `kinds` others came once each, and the first of them three times. */
function contextOfKinds(store: ContextStore, token: number, kinds: number): number {
  const context = contextOf(store, token, 0);
  for (let other = 1; other < kinds; other++) seen(store, context, other);
  for (let i = 0; i < 2; i++) seen(store, context, 0);
  return context;
}

test('tokens keep their places in a list with a table: in long ones, and in the first of a few', () => {
  const store = contextStore(VOCABULARY);
  const first = contextOfKinds(store, 0, 20);
  assert.is(moved(store, first, 20), 0);
  assert.ok(moved(store, contextOfKinds(store, 1, 20), 20) > 0); // another short one
  for (let other = 20; other < 40; other++) seen(store, first, other);
  assert.ok(moved(store, first, 40) > 0); // no longer of a few
  assert.is(moved(store, contextOfKinds(store, 2, 300), 300), 0);
});

test('a context that takes the number of a dropped one has no table of it', () => {
  const store = contextStore(VOCABULARY);
  for (const kinds of [20, 300]) {
    const context = contextOfKinds(store, 0, kinds);
    store.use(context);
    assert.is(store.dropLeastRecent(), context);
    const other = contextOfKinds(store, 1, 20);
    assert.is(other, context);
    assert.is(store.placeOf(other, 25), ABSENT);
    assert.ok(moved(store, other, 20) > 0);
    store.use(other);
    store.dropLeastRecent();
  }
});

test.run();
