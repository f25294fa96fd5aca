import { from } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Kernel } from '../../src/kernel/kernel.js';
import { plain } from '../../src/kernel/plain/plain.js';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { evaluate } from '../../src/learn/evaluate.js';
import { bufferPool, type TapeBuffers } from '../../src/model/bufferPool.js';
import { seq2seq } from '../../src/model/seq2seq.js';
import { sequential } from '../../src/model/sequential.js';
import type { Model } from '../../src/model/model.js';
import { first } from '../learn/first.js';

/** A pool whose buffers tell what becomes of them. */
function observed() {
  const events: string[] = [];
  const kernel = plain('float32');
  const pool = bufferPool((steps: number, lanes: number): TapeBuffers => {
    const name = `${steps}x${lanes}`;
    events.push(`make ${name}`);
    const scope = kernel.scope();
    return {
      steps,
      lanes,
      scope: {
        ...scope,
        free() {
          events.push(`free ${name}`);
          scope.free();
        },
      },
      clear: () => events.push(`clear ${name}`),
    };
  });
  const take = (): string[] => events.splice(0);
  return { pool, take };
}

test('lends the smallest idle buffers that are large enough, of the same lanes, cleared', () => {
  const { pool, take } = observed();
  const leases = [3, 8, 5].map((steps) => pool.lend(steps, 2));
  for (const lease of leases) lease.giveBack();
  assert.equal(take(), ['make 3x2', 'make 8x2', 'make 5x2']);
  const lease = pool.lend(4, 2);
  assert.is(lease.buffers.steps, 5);
  assert.equal(take(), ['clear 5x2']);
  assert.equal(
    leases.map(({ expired }) => expired()),
    [false, false, true],
  );
  assert.is(pool.lend(4, 3).buffers.lanes, 3);
  assert.equal(take(), ['make 4x3']);
  lease.giveBack();
  lease.giveBack(); // once is enough
  assert.is(pool.lend(4, 2).buffers, lease.buffers);
  assert.is.not(pool.lend(4, 2).buffers, lease.buffers);
});

test('rounds up: few sizes for many lengths, at most a quarter more than was asked for', () => {
  const { pool } = observed();
  const sizes = Array.from({ length: 2000 }, (_, i) => [i + 1, pool.lend(i + 1, 1).buffers.steps] as const);
  for (const [asked, got] of sizes) assert.ok(got >= asked && got <= asked * 1.25, `${asked}: ${got}`);
  assert.is(new Set(sizes.map(([, got]) => got)).size, 40);
});

test('gives up idle buffers that are too small when it makes larger ones, and the ones used least recently', () => {
  const { pool, take } = observed();
  pool.lend(2, 1).giveBack();
  const small = pool.lend(2, 1);
  const other = pool.lend(2, 2);
  small.giveBack();
  other.giveBack();
  take();
  const large = pool.lend(7, 1);
  assert.equal(take(), ['free 2x1', 'make 7x1']);
  assert.equal([small.expired(), other.expired(), large.expired()], [true, false, false]);
  large.giveBack();
  for (let lanes = 3; lanes < 9; lanes++) pool.lend(1, lanes).giveBack();
  take();
  pool.lend(1, 9).giveBack();
  assert.equal(take(), ['make 1x9', 'free 2x2']);
  assert.ok(other.expired());
  pool.dispose();
  assert.ok(large.expired());
  large.giveBack();
  assert.equal(take(), []);
});

const bytes = ({ kernel }: Model): number =>
  (kernel as Kernel & { readonly memory: { readonly buffer: ArrayBufferLike } }).memory.buffer.byteLength;
const layer = () => lstm({ inputSize: 4, hiddenSize: 64 });
const readout = () => linear({ inputSize: 64, outputSize: 4 });
/** Bytes of an LSTM of 64 with its readout per step of one lane: sums, tanh c, h, c, outputs and their gradient. */
const PER_STEP = 4 * (64 * (4 + 1 + 1 + 1) + 2 * 4);

test('scoring sequences of 400 different lengths takes the memory of a few tapes that only go forward', () => {
  const model = sequential({ lstm: layer(), linear: readout() });
  const before = bytes(model);
  for (let steps = 1; steps <= 400; steps++) {
    const tokens = new Int32Array(steps);
    const windows$ = from([{ steps, lanes: 1, inputs: tokens, targets: tokens }]);
    assert.is(first(windows$.pipe(evaluate(model))).tokens, steps);
  }
  const taken = bytes(model) - before;
  assert.ok(taken < 3 * 448 * PER_STEP, `${taken} bytes for tapes of up to 448 steps of ${PER_STEP} bytes`);
});

test('encoding sources of 300 different lengths levels off', () => {
  const model = seq2seq({ encoder: layer(), decoder: layer(), fc: readout() });
  const before = bytes(model);
  for (let steps = 1; steps <= 300; steps++) model.encode(new Int32Array(steps));
  const taken = bytes(model) - before;
  assert.ok(taken < 3 * 320 * PER_STEP, `${taken} bytes`);
});

test('steps of 60 numbers of lanes level off', () => {
  const model = seq2seq({ encoder: layer(), decoder: layer(), fc: readout() });
  const before = bytes(model);
  for (let lanes = 1; lanes <= 60; lanes++) {
    const { state } = model.step(new Int32Array(lanes), model.zeroState(lanes));
    assert.is(state.get('decoder.h')!.shape[1], lanes);
  }
  const taken = bytes(model) - before;
  // a tape of one step holds h and c before and after it, and the carried state
  const perLane = PER_STEP + 4 * 64 * 4;
  assert.ok(taken < 12 * 60 * perLane, `${taken} bytes, a tape of 60 lanes ${60 * perLane}`);
});

test('a model that is learned after it was scored has gradients of its own, and a scored one none', () => {
  const model = sequential({
    lstm: lstm({ inputSize: 4, hiddenSize: 256 }),
    linear: linear({ inputSize: 256, outputSize: 4 }),
  });
  const parameters = model.weights.numbers.byteLength;
  const tape = model.tape(4, 1);
  tape.forward(new Int32Array(4), 4);
  const before = bytes(model);
  tape.outputGradient.fill(1);
  assert.ok(bytes(model) - before < 65_536 * 2, 'the gradient at the output is small');
  tape.backward();
  assert.ok(bytes(model) - before > parameters, 'gradients of all parameters');
  assert.ok(tape.gradients.learned.some((value) => value !== 0));
});

test.run();
