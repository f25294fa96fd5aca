import { lastValueFrom, of, Subject } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adam,
  generateText,
  type Kernel,
  type Layer,
  linear,
  loadStateDict,
  lstm,
  type Model,
  outputs,
  seq2seq,
  sequential,
  stateDict,
  type Tape,
  trainer,
  unroll,
} from '../../src/index.js';
import { first } from '../learn/first.js';

const layers = () => ({ lstm: lstm({ inputSize: 3, hiddenSize: 4 }), linear: linear({ inputSize: 4, outputSize: 3 }) });
const pair = () =>
  seq2seq({
    encoder: lstm({ inputSize: 3, hiddenSize: 4 }),
    decoder: lstm({ inputSize: 3, hiddenSize: 4 }),
    fc: linear({ inputSize: 4, outputSize: 3 }),
  });
const window = { steps: 2, lanes: 1, inputs: Int32Array.of(0, 1), targets: Int32Array.of(1, 2) };

const GONE = /^sequential: this tape was released, or its model was disposed$/;
/** Uses of a tape that write to its buffers. */
const writing: Record<string, (tape: Tape) => unknown> = {
  forward: (tape) => tape.forward(window.inputs, 2),
  backward: (tape) => tape.backward(),
  setState: (tape) => tape.setState(new Map()),
  reset: (tape) => tape.reset(Uint8Array.of(1)),
};
/** Uses that read them. */
const reading: Record<string, (tape: Tape) => unknown> = {
  state: (tape) => tape.state(),
  stateGradient: (tape) => tape.stateGradient(),
  inputGradient: (tape) => tape.inputGradient(),
  gradients: (tape) => tape.gradients,
  firstNotFinite: (tape) => tape.firstNotFinite(),
};

for (const backend of ['wasm', 'plain'] as const) {
  test(`${backend}: a disposed model refuses every use and says so; what was copied stays`, () => {
    const model = sequential(layers(), { backend });
    const state = model.zeroState();
    const [copied, weights] = [first(of(window).pipe(unroll(model)), outputs), stateDict(model)];
    const before = [...copied.data];
    const tape = model.tape(2, 1);
    const optimizer = adam();
    const { gradients } = tape;
    optimizer.update(model, gradients);
    model.dispose();
    model.dispose();
    const uses: Record<string, () => unknown> = {
      step: () => model.step(1, state),
      tape: () => model.tape(1, 1),
      weights: () => model.weights,
      kernel: () => model.kernel,
      stateDict: () => stateDict(model),
      loadStateDict: () => loadStateDict(model, weights),
      optimizer: () => optimizer.update(model, gradients),
      zeroState: () => model.zeroState(),
    };
    for (const [name, use] of Object.entries(uses)) {
      assert.throws(use, /^sequential: this model was disposed$/, name);
    }
    for (const [name, use] of Object.entries({ ...writing, ...reading })) assert.throws(() => use(tape), GONE, name);
    assert.is(tape.passes, -1);
    tape.release();
    assert.equal([...copied.data], before);
  });
}

test('a disposed seq2seq', () => {
  const model = pair();
  const state = model.encode(Int32Array.of(1, 2));
  model.dispose();
  assert.throws(() => model.encode(Int32Array.of(1)), /^seq2seq: this model was disposed$/);
  assert.throws(() => model.step(1, state), /^seq2seq: this model was disposed$/);
});

test('a window of a disposed model is refused for what it is', () => {
  const model = sequential(layers());
  const handle = first(of(window).pipe(unroll(model)));
  model.dispose();
  assert.throws(
    () => outputs(handle),
    /^outputs: the buffers of this window serve another run, or its model was disposed/,
  );
});

test('using disposes at the end of the block', () => {
  let escaped: Model | undefined;
  {
    using model = sequential(layers());
    escaped = model;
    assert.equal(model.step(0, model.zeroState()).output.shape, [1, 3]);
  }
  assert.throws(() => escaped.step(0, escaped.zeroState()), /this model was disposed/);
});

test('a tape that was released cannot be written; it can be read until its buffers are lent on', () => {
  const model = sequential(layers());
  const [tape, features] = [model.tape(2, 1), Float32Array.of(1, 0, 0, 0, 1, 0)];
  tape.forward(features, 2);
  tape.backward(undefined, { inputGradient: true });
  const state = tape.state();
  tape.release();
  for (const [name, use] of Object.entries(writing)) assert.throws(() => use(tape), GONE, name);
  assert.equal(tape.state(), state);
  for (const use of Object.values(reading)) use(tape);
  const next = model.tape(2, 1);
  for (const [name, use] of Object.entries({ ...writing, ...reading })) assert.throws(() => use(tape), GONE, name);
  assert.equal([...next.state().get('lstm.h')!.data], [0, 0, 0, 0]);
});

test('a run whose model is disposed under it ends quietly', () => {
  const model = sequential(layers());
  const windows$ = new Subject<typeof window>();
  const run = trainer(model, { optimizer: adam() }); // its teardown keeps the hidden state
  const events: string[] = [];
  const subscription = windows$
    .pipe(run.learn)
    .subscribe({ next: ({ step }) => events.push(`step ${step}`), error: (error) => events.push(String(error)) });
  windows$.next(window);
  model.dispose();
  subscription.unsubscribe();
  assert.equal(events, ['step 1']);
  assert.not(windows$.observed);
});

test('the copy that weights$ makes is disposed with its subscription', async () => {
  const kernels = new Set<Kernel>(); // of the models that lay the readout out
  const readout = linear({ inputSize: 4, outputSize: 3 });
  const spied: Layer = {
    ...readout,
    tape(context) {
      kernels.add(context.kernel);
      return readout.tape(context);
    },
  };
  const model = sequential({ ...layers(), linear: spied });
  await lastValueFrom(generateText(model, { maxTokens: 1, weights$: of(stateDict(model)) }));
  assert.is(kernels.size, 1);
  for (const kernel of kernels) assert.throws(() => kernel.scope().allocate(1), /disposed/);
  assert.equal(model.step(0, model.zeroState()).output.shape, [1, 3]);
});

test.run();
