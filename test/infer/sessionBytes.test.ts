import { from, lastValueFrom, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Session, sessionBytes, surprisalByKey } from '../../src/index.js';
import { kinds, model, SIZE, tokens } from './models.js';

for (const kind of kinds) {
  for (const dtype of ['float32', 'float64'] as const) {
    test(`${kind}, ${dtype}: what continues from bytes gets the bits of what was never interrupted`, async () => {
      const made = model(kind, 2, dtype);
      const { encode, decode } = sessionBytes(made);
      const text = tokens(40);
      const score = (given: number[], restore?: Session<string>): Promise<[number[], Session<string>]> => {
        let last: Session<string> | undefined;
        const options = { evicted: (session: Session<string>) => (last = session), restore: () => restore };
        return lastValueFrom(
          from(given.map((token) => ({ key: 'a', token }))).pipe(surprisalByKey<string>(made, options), toArray()),
        ).then((scored) => [scored.map(({ bits }) => bits), last!]);
      };
      const [whole] = await score(text);
      const [first, session] = await score(text.slice(0, 17));
      const bytes = encode(session);
      const [rest] = await score(text.slice(17), decode('a', bytes));
      assert.equal([...first, ...rest], whole);
      assert.equal(decode('a', bytes), session);
      assert.equal(encode(decode(7, bytes)), bytes);
    });
  }
}

test('the layout: the last token, the count, and the numbers, little endian', () => {
  const made = model('rnn');
  const state = made.zeroState();
  state.get('rnn.h')!.data.set([1, -2, 0.5]);
  const bytes = sessionBytes(made).encode({ key: 'a', state, previous: 3, tokens: 5 });
  const view = new DataView(bytes.buffer);
  assert.is(bytes.length, 12 + 4 * 6);
  assert.equal([view.getInt32(0, true), view.getFloat64(4, true)], [3, 5]);
  assert.equal(
    [0, 1, 2, 3].map((i) => view.getFloat32(12 + 4 * i, true)),
    [1, -2, 0.5, 0],
  );
});

test('bytes may lie anywhere in a buffer', () => {
  const made = model('rnn');
  const { encode, decode } = sessionBytes(made);
  const bytes = encode({ key: 'a', state: made.zeroState(), previous: -1, tokens: 0 });
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  assert.equal(decode('a', shifted.subarray(3)), decode('a', bytes));
});

test('what is not a session of the model, or its bytes, is refused', () => {
  const made = model('rnn');
  const { encode, decode } = sessionBytes(made);
  const good = { key: 'a', state: made.zeroState(), previous: 0, tokens: 1 };
  assert.throws(() => encode(null as never), /^sessionBytes: session must be an object, got null$/);
  assert.throws(() => encode({ ...good, state: new Map() }), /needs 6 numbers of rnn.h, got none$/);
  assert.throws(() => encode({ ...good, state: {} as never }), /needs a state/);
  assert.throws(() => encode({ ...good, previous: SIZE }), /must have a token below 7 or -1 as previous, got 7$/);
  assert.throws(() => encode({ ...good, tokens: -1 }), /must have a count of tokens, got -1$/);
  assert.throws(() => decode('a', 'x'.repeat(36) as never), /^sessionBytes: bytes must be a Uint8Array/);
  assert.throws(
    () => decode('a', new Uint8Array(35)),
    /^sessionBytes: a session of this model has 36 bytes, got 35 for "a"$/,
  );
});

test('damaged bytes are refused where they are read', () => {
  const made = model('rnn');
  const { encode, decode } = sessionBytes(made);
  const bytes = encode({ key: 'a', state: made.zeroState(), previous: 0, tokens: 1 });
  for (const [value, from, to, reason] of [
    [127, 0, 4, /must have a token below 7/],
    [255, 4, 12, /must have a count of tokens/],
    [255, 12, 16, /numbers of rnn.h that are not finite/],
  ] as const) {
    assert.throws(() => decode('a', bytes.slice().fill(value, from, to)), reason);
  }
});

test.run();
