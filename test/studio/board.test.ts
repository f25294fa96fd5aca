import { VirtualTimeScheduler } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { board, type Board, type Viewer } from '../../src/studio/board.js';
import { curveHistory } from '../../src/studio/curveHistory.js';
import type { Point } from '../../src/studio/points.js';
import type { Points, Topics } from '../../src/studio.js';
import { pointRing } from '../../src/studio/pointRing.js';
import { LARGE } from '../support/large.js';

const point = (step: number): Point => ({
  count: 1,
  step,
  tokens: 10 * step,
  seconds: step / 100,
  loss: 1 / step,
  gradientNorm: step,
  learningRate: 0.1,
  heldOut: step % 1000 === 0 ? 2 : null,
});
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** A page that takes what it can, and what it was sent. */
function viewer(): Viewer & { sent: [keyof Topics, unknown, string | undefined][]; takes: boolean } {
  return {
    sent: [],
    takes: true,
    ready() {
      return this.takes;
    },
    send(topic, data, id) {
      this.sent.push([topic, JSON.parse(data), id]);
    },
  };
}

/** Lets a look for news pass: the board's timer runs without end while somebody looks. */
function pass(scheduler: VirtualTimeScheduler, milliseconds: number): void {
  scheduler.maxFrames = scheduler.frame + milliseconds;
  scheduler.flush();
}

function made(): { it: Board; scheduler: VirtualTimeScheduler } {
  const scheduler = new VirtualTimeScheduler();
  return { it: board('run', scheduler), scheduler };
}

test(`the curve of ${LARGE} steps has at most 4096 points, and no step is left out of a mean`, () => {
  const history = curveHistory();
  for (let step = 1; step <= LARGE; step++) history.add(point(step));
  const { points } = history;
  const length = points.count.length;
  assert.ok(length > 2000 && length <= 4096);
  assert.is(sum(points.count), LARGE);
  assert.is(points.step.at(-1), LARGE);
  const mean = sum(points.gradientNorm.map((norm, i) => norm * points.count[i]!)) / LARGE;
  assert.ok(Math.abs(mean - (LARGE + 1) / 2) < 1e-6 * LARGE);
  assert.ok(points.step.every((step, i) => i === 0 || step > points.step[i - 1]!));
  assert.ok(points.heldOut.includes(2), 'what was measured seldom is kept');
});

test('a ring gives what came since, in means, and says where something was overwritten', () => {
  const ring = pointRing(100);
  for (let step = 1; step <= 250; step++) ring.add(point(step));
  assert.is(ring.since(100, 50), undefined);
  assert.is(ring.since(251, 50), undefined);
  const points = ring.since(160, 20)!;
  assert.is(points.count.length, 18);
  assert.is(sum(points.count), 90);
  assert.equal([points.step[0], points.step.at(-1)], [165, 250]);
  assert.equal(ring.since(250, 20)!.count, []);
});

test('a page that does not read is sent nothing, and later the latest alone: nothing is queued for it', () => {
  const { it, scheduler } = made();
  const slow = viewer();
  let mades = 0;
  it.attach(slow);
  slow.sent.length = 0; // that there is nothing yet
  slow.takes = false;
  for (let step = 1; step <= 1000; step++) {
    it.add(point(step));
    it.put('ended', () => (mades++, { reason: String(step) }));
    if (step % 10 === 0) pass(scheduler, 100);
  }
  assert.equal(slow.sent, []);
  assert.is(mades, 0, 'what nobody takes is not made');
  slow.takes = true;
  pass(scheduler, 100);
  assert.equal(
    slow.sent.map(([topic]) => topic),
    ['ended', 'points'],
  );
  assert.equal(slow.sent[0]![1], { reason: '1000' });
  assert.is(sum((slow.sent[1]![1] as Points).count), 1000);
  assert.is(slow.sent[1]![2], 'run.1000');
});

test('a page that takes one message per look is sent each topic, though there are always new points', () => {
  const { it, scheduler } = made();
  const sent: string[] = [];
  let takes = true;
  it.put('samples', () => []);
  it.put('pipeline', () => ({ lanes: [], credits: [], waiting: '' }));
  it.attach({
    ready: () => takes,
    send(topic) {
      takes = false;
      sent.push(topic);
    },
  });
  for (let step = 1; step <= 4; step++) {
    takes = true;
    it.add(point(step));
    pass(scheduler, 100);
  }
  assert.equal(sent, ['curves', 'samples', 'pipeline', 'points', 'points']);
});

test('a topic is sent once per change to each, and made once for all', () => {
  const { it, scheduler } = made();
  const pages = [viewer(), viewer()];
  for (const page of pages) it.attach(page);
  let mades = 0;
  it.put('ended', () => (mades++, { reason: 'a' }));
  pass(scheduler, 1000);
  assert.is(mades, 1);
  for (const { sent } of pages) assert.is(sent.filter(([topic]) => topic === 'ended').length, 1);
});

test('who comes again with its last id gets what is new; with an id of another run, or none, everything', () => {
  const { it } = made();
  for (let step = 1; step <= 500; step++) it.add(point(step));
  for (const [id, topic, count] of [
    ['run.480', 'points', 20],
    [undefined, 'curves', 500],
    ['other.480', 'curves', 500],
    ['run.501', 'curves', 500],
    ['run.-1', 'curves', 500],
    ['run.x', 'curves', 500],
  ] as const) {
    const page = viewer();
    it.attach(page, id)();
    const [sent, points] = page.sent[0]!;
    assert.equal([sent, sum((points as Points).count)], [topic, count], id);
  }
});

test('a page hears first what the run is, then how far it is, and only then what is large', () => {
  const { it } = made();
  it.put('samples', () => []);
  it.put('about', () => ({ title: '', run: 'run', settings: {}, steers: true, reads: true, runs: [] }));
  it.add(point(1));
  const page = viewer();
  it.attach(page);
  assert.equal(
    page.sent.map(([topic]) => topic),
    ['about', 'curves', 'samples'],
  );
});

test('while nobody looks there is no timer', () => {
  const { it, scheduler } = made();
  const leave = it.attach(viewer());
  assert.is(scheduler.actions.length, 1);
  assert.ok(it.watched);
  leave();
  assert.not(it.watched);
  pass(scheduler, 1000);
  assert.is(scheduler.actions.length, 0);
});

test('the end reaches a viewer that is not ready, after everything else', () => {
  const scheduler = new VirtualTimeScheduler();
  const shown = board('run', scheduler);
  const sent: string[] = [];
  shown.attach({ ready: () => false, send: (topic) => void sent.push(topic) });
  shown.put('samples', () => []);
  shown.add({ count: 1, step: 1, tokens: 1, seconds: 1, loss: 1, gradientNorm: 1, learningRate: 1, heldOut: null });
  shown.flush();
  assert.equal(sent, []);
  shown.end({ reason: 'over' });
  assert.equal(sent, ['curves', 'samples', 'ended']);
});

test.run();
