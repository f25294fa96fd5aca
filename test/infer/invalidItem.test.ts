// What is wrong with one key, its session or its item, is the matter of that key alone.
import { from, type OperatorFunction } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { invalidItem } from '../../src/infer/invalidItem.js';
import { predictThenLearnByKey } from '../../src/infer/predictThenLearnByKey.js';
import { surprisalByKey } from '../../src/infer/surprisalByKey.js';
import { gru } from '../../src/layer/gru.js';
import { linear } from '../../src/layer/linear.js';
import { sgd } from '../../src/learn/sgd.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';

const modelOf = (size: number): Model =>
  sequential({ gru: gru({ inputSize: size, hiddenSize: 3 }), linear: linear({ inputSize: 3, outputSize: size }) });
const optimizer = () => sgd({ learningRate: 0.1 });

interface Given {
  readonly restore?: (key: unknown) => never;
  readonly onInvalid?: (invalid: { readonly key: unknown; readonly reason: string }) => void;
}
interface Keyed {
  readonly key: unknown;
}
interface Case {
  readonly part: 'token' | 'row';
  readonly values: readonly unknown[];
  operator(given: Given): OperatorFunction<Keyed, Keyed>;
}
const CASES: Readonly<Record<string, Case>> = {
  surprisalByKey: {
    part: 'token',
    values: [0, 1, 2],
    operator: (given) => surprisalByKey(modelOf(4), given) as unknown as OperatorFunction<Keyed, Keyed>,
  },
  'surprisalByKey, fair': {
    part: 'token',
    values: [0, 1, 2],
    operator: (given) =>
      surprisalByKey(modelOf(4), { ...given, fair: true }) as unknown as OperatorFunction<Keyed, Keyed>,
  },
  'predictThenLearnByKey of tokens': {
    part: 'token',
    values: [0, 1, 2],
    operator: (given) =>
      predictThenLearnByKey(modelOf(4), { ...given, optimizer: optimizer() }) as unknown as OperatorFunction<
        Keyed,
        Keyed
      >,
  },
  'predictThenLearnByKey of rows': {
    part: 'row',
    values: [[0], [1], [2]],
    operator: (given) =>
      predictThenLearnByKey(modelOf(1), {
        ...given,
        optimizer: optimizer(),
        head: 'value',
      }) as unknown as OperatorFunction<Keyed, Keyed>,
  },
};

/** What came, in order: the keys of results, and `!key reason` of what was refused or the error. */
function through(items: readonly Keyed[], { operator }: Case, given: Given, reported: boolean): string[] {
  const log: string[] = [];
  const onInvalid: Given['onInvalid'] = ({ key, reason }) => log.push(`!${String(key)} ${reason}`);
  from(items)
    .pipe(operator({ ...given, ...(reported && { onInvalid }) }))
    .subscribe({
      next: ({ key }) => log.push(String(key)),
      error: ({ message }: Error) => log.push(`error ${message}`),
    });
  return log;
}

const SESSIONS: Readonly<Record<string, readonly [restore: () => unknown, reason: RegExp]>> = {
  'a restore that throws': [
    () => {
      throw new Error('no disk');
    },
    /no disk/,
  ],
  'a session without a state': [
    () => ({ key: 'b', previous: 1, tokens: 1 }),
    /the restored session of "b" needs a state/,
  ],
  'a session of another model': [
    () => ({ key: 'b', previous: 1, tokens: 1, state: new Map([['gru.h', { shape: [1], data: [1] }]]) }),
    /the restored session of "b" needs 3 numbers of gru\.h/,
  ],
  'a session with a getter that throws': [
    () => ({
      get state() {
        throw new Error('gone');
      },
    }),
    /gone/,
  ],
  'a session that is a number': [() => 5, /the restored session of "b"/],
  'a session with another last item': [
    () => ({
      key: 'b',
      previous: [1, NaN],
      tokens: 1,
      state: new Map([['gru.h', { shape: [1, 1, 3], data: Float32Array.of(0, 0, 0) }]]),
    }),
    /got |must be|needs/,
  ],
};

for (const [name, kind] of Object.entries(CASES)) {
  const { part, values } = kind;
  const items = [
    { key: 'a', [part]: values[0] },
    { key: 'a', [part]: values[1] },
    { key: 'b', [part]: values[1] },
    { key: 'a', [part]: values[2] },
  ];
  const expected = through(
    items.filter(({ key }) => key === 'a'),
    kind,
    {},
    true,
  );
  for (const [what, [session, reason]] of Object.entries(SESSIONS)) {
    const restore = (key: unknown): never => (key === 'b' ? session() : undefined) as never;
    test(`${name}: ${what} is reported once, the other keys go on`, () => {
      const log = through(items, kind, { restore }, true);
      assert.equal(
        log.filter((entry) => !entry.startsWith('!')),
        expected,
      );
      const refused = log.filter((entry) => entry.startsWith('!'));
      assert.is(refused.length, 1);
      assert.match(refused[0]!, /^!b /);
      assert.match(refused[0]!, reason);
      assert.is(log.indexOf(refused[0]!), expected.length - 1, 'after what came before it');
    });
    test(`${name}: ${what} is the error of the result, after what came before, without onInvalid`, () => {
      const log = through(items, kind, { restore }, false);
      assert.equal(log.slice(0, -1), expected.slice(0, -1));
      assert.match(log.at(-1)!, /^error /);
      assert.match(log.at(-1)!, reason);
    });
  }
  for (const getter of ['key', part]) {
    test(`${name}: a getter of ${getter} that throws is reported, the other items go on`, () => {
      const hostile = Object.defineProperty({ key: 'b', [part]: values[1] }, getter, {
        enumerable: true,
        get() {
          throw new Error('from a getter');
        },
      });
      const log = through([...items.slice(0, 2), hostile, items[3]!], kind, {}, true);
      assert.equal(
        log.filter((entry) => !entry.startsWith('!')),
        expected,
      );
      assert.match(
        log.find((entry) => entry.startsWith('!'))!,
        /from a getter/,
      );
    });
  }
}

test('an item that is refused has its members, but for those that cannot be read', () => {
  assert.equal(invalidItem({ key: 1 }, 'why'), { key: 1, reason: 'why' });
  assert.equal(invalidItem(5, 'why') as unknown, { reason: 'why' });
  const hostile = {
    key: 1,
    get token() {
      throw new Error('no');
    },
  };
  assert.equal(invalidItem(hostile, 'why'), { key: 1, reason: 'why' });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.equal(invalidItem(proxy, 'why'), { reason: 'why' });
});

test.run();
