import { Subject } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrainingStep } from '../../src/index.js';
import { steering, type Steering, type Topics } from '../../src/studio.js';
import { type Desk, desk } from '../../src/studio/desk.js';
import { until } from '../support/until.js';
import { smallModel, symbols, TEXT } from './runs.js';

/** A desk whose steps are made by hand, and the latest of each topic that its page was sent. */
function made(paused: boolean): {
  it: Desk;
  controls: Steering;
  step: (step: number) => void;
  sent: Partial<Topics>;
  order: string[];
} {
  const controls = steering({ learningRate: 0.1, paused });
  const it = desk('run', {
    model: smallModel(),
    vocabulary: symbols,
    text: TEXT.slice(0, 100),
    steering: controls,
  });
  const step$ = new Subject<TrainingStep>();
  step$.pipe(controls.follow(), it.watch()).subscribe();
  const sent: Partial<Record<string, unknown>> = {};
  const order: string[] = [];
  return {
    it,
    controls,
    sent,
    order,
    step: (step) => step$.next({ step, tokens: step, loss: 1, gradientNorm: 1, learningRate: 0.1 }),
  };
}

function open({ it, sent, order }: ReturnType<typeof made>): () => void {
  return it.attach({
    ready: () => true,
    send(topic, data) {
      order.push(topic);
      (sent as Record<string, unknown>)[topic] = JSON.parse(data);
    },
  });
}

test('a page that opens is sent what there is before the text is read for it', async () => {
  const run = made(true);
  run.step(1);
  const leave = open(run);
  assert.equal(run.order.slice(0, 3), ['about', 'controls', 'curves']);
  assert.not(run.order.includes('text'));
  await until(() => run.order.includes('text'));
  assert.is(run.sent.text!.step, 1);
  leave();
  run.it.close();
});

test('the text of a run that has paused is of its last step, however soon that came after another', async () => {
  const run = made(false);
  const leave = open(run);
  run.step(1);
  await until(() => run.sent.text?.step === 1);
  run.step(2);
  run.controls.act({ name: 'pause' });
  await until(() => run.sent.text!.step === 2);
  run.step(3); // the one that was being made
  await until(() => run.sent.text!.step === 3);
  leave();
  run.it.close();
});

test('going back while the run is paused is shown at once: step, text and a sample', async () => {
  const run = made(true);
  const leave = open(run);
  run.controls.checkpoint$.subscribe(() => run.controls.saved('four'));
  for (let step = 1; step <= 4; step++) run.step(step);
  run.controls.act({ name: 'checkpoint' });
  for (let step = 5; step <= 9; step++) run.step(step);
  await until(() => run.sent.text?.step === 9);
  assert.is(run.sent.controls!.backAt, undefined);
  run.controls.act({ name: 'reset', value: 'four' });
  await until(() => run.sent.text!.step === 4);
  assert.is(run.sent.controls!.backAt, 4);
  assert.is(run.sent.samples!.at(-1)!.step, 4);
  run.step(5);
  await until(() => run.sent.text!.step === 5);
  assert.is(run.sent.controls!.backAt, undefined);
  leave();
  run.it.close();
});

test.run();
