import { TestScheduler } from 'rxjs/testing';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dashes, diagram, tick, type Legend, type Message } from '../../src/record/diagram.js';

const next = (frame: number, value: unknown): Message => ({ frame, notification: { kind: 'N', value } });
const fail = (frame: number, error: unknown): Message => ({ frame, notification: { kind: 'E', error } });
const end = (frame: number): Message => ({ frame, notification: { kind: 'C' } });

/** What RxJS reads out of a diagram in run mode. */
function parse(marbles: string, values?: Record<string, unknown>, error?: unknown): Message[] {
  return new TestScheduler(() => undefined).run(() =>
    TestScheduler.parseMarbles(marbles, values, error, undefined, true).map(({ frame, notification }) => ({
      frame,
      notification,
    })),
  );
}

test('values, groups, gaps, errors and ends', () => {
  const cases: readonly (readonly [Message[], string])[] = [
    [[], '-'],
    [[end(0)], '|'],
    [[end(3)], '---|'],
    [[fail(1, 'error')], '-#'],
    [[next(1, 'a'), next(3, 'b'), end(5)], '-a-b-|'],
    [[next(0, 'a'), next(0, 'b'), end(0)], '(ab|)'],
    [[next(1, 'a'), next(1, 'b'), next(5, 'c')], '-(ab)c'],
    [[next(31, 'a'), next(33, 'c'), end(33)], '31ms a-(c|)'],
    [[next(0, 'a'), next(10, 'b'), end(1011)], 'a 9ms b 1000ms |'],
  ];
  for (const [messages, expected] of cases) assert.is(diagram(messages), expected);
});

test('other values get letters and a legend, equal ones the same letter', () => {
  const legend: Legend = new Map();
  const messages = [
    next(0, 7),
    next(1, { loss: 4.5 }),
    next(2, 7),
    next(3, 'word'),
    next(4, Int32Array.of(1)),
    fail(5, new RangeError('no')),
  ];
  assert.is(diagram(messages, { legend }), 'abacd#');
  assert.equal(
    [...legend],
    [
      ['7', 'a'],
      ['{"loss":4.5}', 'b'],
      ['"word"', 'c'],
      ['Int32Array [1]', 'd'],
      ['error RangeError: no', '#'],
    ],
  );
});

test('a character keeps its own marble, whatever comes first', () => {
  const legend: Legend = new Map();
  assert.is(diagram([next(0, 1), next(1, 'a'), next(2, 'é')], { legend }), 'baé');
  assert.is(legend.get('1'), 'b');
});

test('a legend that is shared keeps its marbles, also against a character that comes later', () => {
  const legend: Legend = new Map();
  assert.is(diagram([next(0, 1)], { legend }), 'a');
  assert.is(diagram([next(0, 'a'), next(1, 1)], { legend }), 'ba');
});

test('digits, blanks and the signs of the grammar are never marbles', () => {
  assert.is(
    diagram(['1', ' ', '-', '|', '#', '(', ')', '^', '!', ''].map((value, frame) => next(frame, value))),
    'abcdefghij',
  );
});

test('a group that overruns what follows names the tick that would do', () => {
  const messages = [next(1, 'a'), next(1, 'b'), next(2, 'c')];
  assert.throws(
    () => diagram(messages),
    (error: Error) =>
      error instanceof RangeError && error.message === 'diagram: a group overruns frame 2; draw it with tick 10',
  );
  assert.is(tick([messages]), 10);
  assert.is(tick([[], [next(0, 'a'), next(0, 'b'), end(4)], [next(0, 'a')]]), 1);
  assert.is(diagram(messages, { tick: 10 }), '10ms (ab)------c');
  const nine = [...Array.from({ length: 9 }, (_, i) => next(0, i)), end(1)];
  assert.is(tick([nine]), 100);
});

test('a thousand distinct values do not run out of marbles', () => {
  const messages = Array.from({ length: 1000 }, (_, i) => next(i, i));
  assert.is(new Set(diagram(messages)).size, 1000);
});

test('marbles of 50,000 distinct values are found one after another; none is half a character', () => {
  const messages = Array.from({ length: 50_000 }, (_, i) => next(i, i));
  const marbles = Array.from(diagram(messages));
  assert.is(new Set(marbles).size, 50_000);
  assert.ok(marbles.every((marble) => !/^[\ud800-\udfff]$/.test(marble)));
});

test('messages out of order, and a frame that is not a number, are refused', () => {
  const late = [next(2, 'a'), next(2, 'b'), next(1, 'c')];
  const message = 'diagram: messages must be in order of frames, got frame 1 after 2';
  assert.throws(
    () => diagram(late),
    (error: Error) => error.message.includes(message),
  );
  assert.throws(
    () => tick([late]),
    (error: Error) => error.message.includes(message),
  );
  assert.throws(() => diagram([next(NaN, 'a')]), /messages\[0\] must be a message of a TestScheduler/);
});

test('what is drawn is parsed back to the same messages (300 random runs)', () => {
  let state = 7;
  const random = (n: number): number => (state = (state * 48271) % 2147483647) % n;
  const values = ['a', 'z', '7', '|', 'word', 1, -0, NaN, { n: 1 }, [1, 2], undefined, null, Int32Array.of(3)];
  for (let run = 0; run < 300; run++) {
    const messages: Message[] = [];
    let frame = 0;
    for (let i = random(12); i > 0; i--)
      messages.push(next((frame += random(3) * random(8)), values[random(values.length)]));
    if (random(2) === 0)
      messages.push(random(2) === 0 ? end(frame + random(20)) : fail(frame + random(3), new Error('over')));
    const scale = tick([messages]);
    const legend: Legend = new Map();
    const drawn = diagram(messages, { legend, tick: scale });
    const byMarble = Object.fromEntries(
      messages.flatMap(({ notification }) => {
        if (notification.kind !== 'N') return [];
        const found = diagram([{ frame: 0, notification }], { legend });
        return [[found, notification.value]];
      }),
    );
    const scaled = messages.map(({ frame, notification }) => ({ frame: frame * scale, notification }));
    const parsed = parse(drawn, byMarble, new Error('over'));
    assert.equal(
      parsed.map(({ frame, notification }) => [
        frame,
        notification.kind,
        notification.kind === 'N' ? notification.value : '',
      ]),
      scaled.map(({ frame, notification }) => [
        frame,
        notification.kind,
        notification.kind === 'N' ? notification.value : '',
      ]),
    );
  }
});

test('dashes while they are short, then milliseconds; always milliseconds for parts of a frame', () => {
  assert.equal([0, 1, 8, 9, 1500, 2.5].map(dashes), ['', '-', '--------', ' 9ms ', ' 1500ms ', ' 2.5ms ']);
});

test.run();
