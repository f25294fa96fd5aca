import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { wordCounts } from '../../src/log/wordCounts.js';

/** Different words that are not hexadecimal numbers or names of times. */
const words = Array.from(
  { length: 200 },
  (_, i) => `w${String.fromCodePoint(103 + (i % 20), 103 + Math.floor(i / 20))}x`,
);

for (const count of [2, 10, 64, 65, 200]) {
  test(`each of ${count} words of a line counts once, wherever it is repeated`, () => {
    const few = words.slice(0, count);
    const model = wordCounts();
    const counts = model.state['words'] as Uint16Array;
    const total = (): number => counts.reduce((sum, n) => sum + n, 0);
    model.add([...few, ...few.toReversed(), few[0]].join(' '));
    assert.is(total(), count);
    assert.is(Math.max(...counts.filter((n) => n > 0)), 1);
    model.add([...few, ...few].join(' '));
    assert.is(total(), 2 * count);
    assert.is(Math.max(...counts.filter((n) => n > 0)), 2);
  });
}

test.run();
