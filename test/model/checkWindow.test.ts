// A window that does not fit is refused as a whole: the state that the run carries stays as it was.
import { of } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adam,
  evaluate,
  gru,
  linear,
  rnn,
  seq2seq,
  sequential,
  train,
  trainer,
  unroll,
  type Window,
} from '../../src/index.js';

const made = () =>
  sequential({ rnn: rnn({ inputSize: 3, hiddenSize: 4 }), linear: linear({ inputSize: 4, outputSize: 3 }) });
const fitting: Window = {
  steps: 2,
  lanes: 2,
  inputs: Int32Array.of(0, 1, 2, 0),
  targets: Int32Array.of(1, 2, 0, 1),
};
const numbersOf = (state: ReadonlyMap<string, { readonly data: Iterable<number> }>): number[] =>
  [...state.values()].flatMap(({ data }) => [...data]);

const resets = Uint8Array.of(1, 1);
const refused: [Partial<Window>, RegExp][] = [
  [{ steps: 0, inputs: new Int32Array(0) }, /^unroll: steps must be a positive integer, got 0$/],
  [{ steps: 1.5 }, /^unroll: steps must be a positive integer, got 1\.5$/],
  [{ lanes: 0 }, /^unroll: lanes must be a positive integer, got 0$/],
  [{ resets: new Uint8Array(0) }, /^unroll: resets needs 2 flags, got 0$/],
  [{ resets: Uint8Array.of(1) }, /^unroll: resets needs 2 flags, got 1$/],
  [{ resets, mask: new Uint8Array(3) }, /^unroll: mask needs 4 flags, got 3$/],
  [{ resets, targetMask: new Uint8Array(5) }, /^unroll: targetMask needs 4 flags, got 5$/],
  [{ resets, inputs: Int32Array.of(0, 9, 2, 0) }, /^sequential: token 9 is outside the vocabulary of 3 of layer rnn$/],
  [{ resets, inputs: Int32Array.of(0) }, /^sequential: 2 steps × 2 lanes of layer rnn need 4 inputs, got 1$/],
  [{ resets, source: { steps: 1, inputs: new Int32Array(2) } }, /takes windows without a source$/],
];

for (const [change, message] of refused) {
  const name = Object.entries(change)
    .map(([key, value]) => `${key} ${JSON.stringify(value)}`)
    .join(', ');
  test(`refused, with the state as it was: ${name}`, () => {
    const run = trainer(made(), { optimizer: adam() });
    let before: number[] = [];
    let error: Error | undefined;
    of(fitting, { ...fitting, ...change })
      .pipe(run.learn)
      .subscribe({
        next: () => (before = numbersOf(run.state().hidden)),
        error: (caught: Error) => (error = caught),
      });
    assert.match(error?.message ?? 'no error', message);
    assert.ok(before.some((number) => number !== 0));
    assert.equal(numbersOf(run.state().hidden), before);
  });
}

const flags = [true, true, false, true] as never;
const otherKinds: [string, object, RegExp][] = [
  ['a misspelt mask', { masks: new Uint8Array(4) }, /window: unknown option masks; did you mean mask\?$/],
  ['a member that nobody knows', { weather: 1 }, /window: unknown option weather; there are steps, lanes, source, /],
  ['a member of a source', { source: { steps: 1, inputs: new Int32Array(2), lanes: 2 } }, /window\.source: unknown option lanes; /],
  ['a mask of booleans', { mask: flags }, /: mask must be a Uint8Array of flags, got \[true,true,false,true\]$/],
  ['a mask of targets of booleans', { targetMask: flags }, /: targetMask must be a Uint8Array of flags, got \[true,/],
  ['resets of booleans', { resets: flags }, /: resets must be a Uint8Array of flags, got \[true,/],
]; // prettier-ignore
for (const [what, change, message] of otherKinds) {
  test(`a window with ${what} is refused by all that read windows`, () => {
    const window = { ...fitting, ...change } as Window;
    const errors: string[] = [];
    const error = ({ message }: Error): unknown => errors.push(message);
    of(window).pipe(unroll(made())).subscribe({ error });
    of(window).pipe(evaluate(made())).subscribe({ error });
    of(window)
      .pipe(train(made(), { optimizer: adam() }))
      .subscribe({ error });
    assert.is(errors.length, 3);
    for (const text of errors) assert.match(text, message);
  });
}

test('a tape refuses options of forward that it does not know, and a mask of booleans, with its state as it was', () => {
  const tape = made().tape(2, 2);
  tape.forward(fitting.inputs, 2);
  const [before, { passes }] = [numbersOf(tape.state()), tape];
  const forward = (options: object) => () => tape.forward(fitting.inputs, 2, options);
  assert.throws(forward({ maks: undefined }), /^sequential: unknown option maks; did you mean mask\?$/);
  assert.throws(
    forward({ dropout: 1 }),
    /^sequential: unknown option dropout; did you mean dropoutRandom\?$|there are/,
  );
  assert.throws(forward({ mask: flags }), /^sequential: mask must be a Uint8Array of flags, got \[true,true,/);
  assert.throws(forward(1 as never), /^sequential: options must be an object, got 1$/);
  assert.equal([numbersOf(tape.state()), tape.passes], [before, passes]);
});

test('an empty resets does not take the place of the initial state', () => {
  const errors: string[] = [];
  of({ ...fitting, resets: new Uint8Array(0) })
    .pipe(unroll(made(), { initialState: new Map() }))
    .subscribe({ error: ({ message }: Error) => errors.push(message) });
  assert.equal(errors, ['unroll: resets needs 2 flags, got 0']);
});

test('a seq2seq refuses a window before its encoder has read the source', () => {
  const sizes = { inputSize: 3, hiddenSize: 4 };
  const model = seq2seq({ encoder: gru(sizes), decoder: gru(sizes), fc: linear({ inputSize: 4, outputSize: 3 }) });
  const tape = model.tape(2, 1);
  const source = { steps: 2, inputs: Int32Array.of(0, 1) };
  tape.forward(Int32Array.of(0, 1), 2, { source });
  const before = numbersOf(tape.state());
  assert.throws(() => tape.forward(Int32Array.of(0, 5), 2, { source }), /token 5 is outside/);
  assert.throws(() => tape.forward(Int32Array.of(0, 1), 2, { source: { ...source, steps: 0 } }), /steps must be/);
  assert.equal(numbersOf(tape.state()), before);
  assert.is(tape.passes, 1);
});

test('a tape refuses flags for other lanes', () => {
  const tape = made().tape(1, 2);
  assert.throws(() => tape.reset(Uint8Array.of(1)), /^sequential: resets needs 2 flags, got 1$/);
});

test.run();
