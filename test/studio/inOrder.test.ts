import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Action } from '../../src/studio.js';
import { inOrder } from '../../src/studio/page/inOrder.js';

/** Sends in order to somebody who answers when `answer` is called. */
function made(): {
  send: (message: Action) => Promise<void>;
  sent: Action[];
  answer: (problem?: Error) => Promise<void>;
} {
  const sent: Action[] = [];
  const open: ((problem?: Error) => void)[] = [];
  const send = inOrder((message) => {
    sent.push(message as Action);
    return new Promise((resolve, reject) =>
      open.push((problem) => (problem === undefined ? resolve() : reject(problem))),
    );
  });
  return {
    send,
    sent,
    async answer(problem) {
      open.shift()!(problem);
      await settled();
    },
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const rate = (value: number): Action => ({ name: 'learningRate', value });
const pause: Action = { name: 'pause' };

test('a message is sent when the one before it was answered, refused or not', async () => {
  const { send, sent, answer } = made();
  const first = send(pause);
  const second = send({ name: 'step', value: 1 });
  const third = send({ name: 'step', value: 1 });
  await settled();
  assert.equal(sent, [pause]);
  const refused = first.then(
    () => '',
    ({ message }: Error) => message,
  );
  await answer(new Error('no'));
  assert.is(await refused, 'no');
  assert.is(sent.length, 2);
  await answer();
  await second;
  assert.is(sent.length, 3, 'two steps are two, and not the latest alone');
  await answer();
  await third;
});

test('of a slider that moves on, the place it is at is sent, and never one before it after it', async () => {
  const { send, sent, answer } = made();
  const all = [1, 2, 3, 4].map((value) => send(rate(value)));
  await settled();
  assert.equal(sent, [rate(4)]);
  all.push(send(rate(5)), send(rate(6)));
  await answer();
  assert.equal(sent, [rate(4), rate(6)]);
  await answer();
  await Promise.all(all);
});

test('what was done between two places of a slider stays between them', async () => {
  const { send, sent, answer } = made();
  void send(pause);
  await settled();
  for (const message of [rate(1), pause, rate(2), rate(3)]) void send(message);
  for (let i = 0; i < 4; i++) await answer();
  assert.equal(sent, [pause, rate(1), pause, rate(3)]);
});

test.run();
