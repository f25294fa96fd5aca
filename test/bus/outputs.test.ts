import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Bus, keySubject, memoryBus } from '../../src/bus.js';
import { outputs } from '../../src/bus/outputs.js';

test('where others change what a key has again and again, results and dead letters are given up', async () => {
  const bus = memoryBus({ partitions: 1 });
  let tries = 0;
  const contended: Bus = {
    ...bus,
    log: { ...bus.log, append: async (_, __, entries) => (++tries > 1000 ? [1] : entries.map(() => undefined)) },
  };
  const { publish, bury } = outputs(contended, 0, async () => undefined);
  const key = { key: 'a', subject: keySubject('a') };
  const value = Uint8Array.of(1);
  const results = new Map([[{ ...key, out: 0, source: 0, count: 0 }, [{ source: 1, values: [value], dead: [] }]]]);
  const dead = bury(key, 1, [{ index: 0, value, reason: 'poison' }]);
  for (const [what, given] of [
    ['outputs', publish(results)],
    ['dead letters', dead],
  ] as const) {
    const reason = await given.then(
      () => 'no error',
      ({ message }: Error) => message,
    );
    assert.is(reason, `its ${what} are changed by others again and again`);
  }
});

test.run();
