// Values of another kind than types allow: the error names the function, what it needs, and what came.
import { from, identity, lastValueFrom, type OperatorFunction } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  beamSearch,
  classify,
  clipGradNorm,
  clipGradValue,
  closed,
  epochs,
  labelled,
  linear,
  lstm,
  operator,
  progress,
  pull,
  readable,
  rnn,
  seq2seq,
  sequences,
  sequential,
  surprisalBySequence,
  windows,
} from '../../src/index.js';

const model = sequential({
  rnn: rnn({ inputSize: 4, hiddenSize: 2 }),
  linear: linear({ inputSize: 2, outputSize: 4 }),
});
const wrong = (value: unknown): never => value as never;

for (const clip of [clipGradNorm, clipGradValue]) {
  for (const value of [Symbol('s'), Object.create(null), 1n, '1', null, [1], { valueOf: () => 1 }]) {
    test(`${clip.name} refuses ${typeof value} as a limit`, () => {
      assert.throws(() => clip(wrong(value)), /^clipGrad\w+: \w+ must be a positive number, got /);
    });
  }
}

for (const [name, reader] of Object.entries<OperatorFunction<never, unknown>>({
  classify: wrong(classify(model)),
  labelled: wrong(labelled({ lanes: 1 })),
  sequences: wrong(sequences({ end: 0, lanes: 1 })),
  surprisalBySequence: wrong(surprisalBySequence(model)),
})) {
  for (const length of [-1, -3, 0.5, NaN, 2 ** 60]) {
    test(`${name} refuses a sequence of length ${length}`, async () => {
      const item = { length, 0: 1 };
      const items = name === 'labelled' ? [{ sequence: item, label: 0 }] : [item];
      const message = await lastValueFrom(from(items as never[]).pipe(reader)).then(
        () => 'no error',
        (error: Error) => error.message,
      );
      assert.match(message, new RegExp(`^${name}: sequence 0 must be a list of tokens`));
    });
  }
}

test('windows refuses sizes for which there is no room, at once', () => {
  for (const [steps, lanes] of [
    [1e10, 1],
    [2 ** 30, 1],
    [1e5, 1e5],
    [Number.MAX_SAFE_INTEGER, 1],
  ] as const) {
    assert.throws(() => windows({ steps, lanes }), /^windows: steps × lanes must be at most \d+, got /);
  }
  windows({ steps: 2 ** 20, lanes: 16 });
});

test('beamSearch refuses widths for which there is no room, before it asks for any', () => {
  const pair = seq2seq({
    encoder: lstm({ inputSize: 4, hiddenSize: 2 }),
    decoder: lstm({ inputSize: 4, hiddenSize: 2 }),
    fc: linear({ inputSize: 2, outputSize: 4 }),
  });
  for (const width of [2 ** 40, 1e9, Number.MAX_SAFE_INTEGER]) {
    assert.throws(
      () => beamSearch(pair, Int32Array.of(1, 2), { start: 0, end: 1, width, maxTokens: 3 }),
      new RegExp(`^beamSearch: width must be at most \\d+ with this model, got ${width}$`),
    );
  }
});

for (const stream of [null, 5, {}, 'stdout', { write() {} }]) {
  test(`closed and progress refuse ${JSON.stringify(stream)}`, () => {
    assert.throws(() => closed(wrong(stream)), /^closed: stream must be a stream to write to, got /);
    assert.throws(
      () => progress(String, { stream: wrong(stream) }),
      /^progress: stream must be a stream to write to, got /,
    );
  });
}

for (const source of [undefined, null, 5, {}, [1]]) {
  test(`what is not an observable is refused as the source: ${JSON.stringify(source)}`, () => {
    assert.throws(() => epochs(wrong(identity))(wrong(source)), /^epochs: the source must be an observable, got /);
    const message = /^operator: the source must be an observable, got /;
    assert.throws(() => progress(String)(wrong(source)), message);
    assert.throws(() => operator(() => ({ next() {} }))(wrong(source)), message);
  });

  test(`readable refuses ${JSON.stringify(source)} for a stream`, async () => {
    const message = await lastValueFrom(pull(readable(() => wrong(source)))).catch((error: Error) => error.message);
    assert.match(String(message), /^readable: what open returns must be a stream to read from, got /);
  });
}

test.run();
