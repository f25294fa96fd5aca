import { lastValueFrom, of } from 'rxjs';
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

for (const backend of ['wasm', 'plain'] as const) {
  test(`${backend}: a disposed model refuses every use and says so; what was copied stays`, () => {
    const model = sequential(layers(), { backend });
    const state = model.zeroState();
    const [copied, weights] = [first(of(window).pipe(unroll(model)), outputs), stateDict(model)];
    const before = [...copied.data];
    const tape = model.tape(2, 1);
    const optimizer = adam();
    optimizer.update(model, tape.gradients);
    model.dispose();
    model.dispose();
    const uses: Record<string, () => unknown> = {
      step: () => model.step(1, state),
      tape: () => model.tape(1, 1),
      weights: () => model.weights,
      kernel: () => model.kernel,
      stateDict: () => stateDict(model),
      loadStateDict: () => loadStateDict(model, weights),
      optimizer: () => optimizer.update(model, tape.gradients),
    };
    for (const [name, use] of Object.entries(uses)) {
      assert.throws(use, /^sequential: this model was disposed$/, name);
    }
    const tapes: Record<string, (tape: Tape) => void> = {
      forward: (tape) => tape.forward(window.inputs, 2),
      backward: (tape) => tape.backward(),
    };
    for (const [name, use] of Object.entries(tapes)) {
      assert.throws(() => use(tape), /^sequential: this tape was released, or its model was disposed$/, name);
    }
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

test('using disposes at the end of the block', () => {
  let escaped: Model | undefined;
  {
    using model = sequential(layers());
    escaped = model;
    assert.equal(model.step(0, model.zeroState()).output.shape, [1, 3]);
  }
  assert.throws(() => escaped.step(0, escaped.zeroState()), /this model was disposed/);
});

test('a tape that was released and lent on is refused', () => {
  const model = sequential(layers());
  const tape = model.tape(2, 1);
  tape.release();
  const next = model.tape(2, 1);
  next.forward(window.inputs, 2);
  assert.throws(() => tape.forward(window.inputs, 2), /^sequential: this tape was released/);
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
