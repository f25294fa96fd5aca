// What the scripts print of others' texts, hostile ones: no control character comes out.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lineText, surprisingSpans } from '../../pipelines/surprise/lineText.js';
import { hostile, steers } from '../check/hostile.js';
import { printedPaths, scored } from './printedPaths.js';
import { runScript } from './runScript.js';

const RUNS = 5000; // `npm run drill` gives more

for (const [name, [print, allowed]] of Object.entries(printedPaths)) {
  test(`${RUNS} hostile texts as ${name}: nothing steers the terminal`, () => {
    fc.assert(
      fc.property(hostile, (text) => assert.not(steers(print(text), allowed), JSON.stringify(print(text)))),
      { numRuns: RUNS },
    );
  });
}

test('marks stand below the characters as they are shown', () => {
  const text = 'a\u001bb';
  assert.is(lineText(scored(text), surprisingSpans(text, [1, 9, 1], 5), false), ' 1.00  a\\u001bb\n        ^^^^^^');
});

test('an error message is one line without control characters, whatever the options hold', async () => {
  const { status, stderr } = await runScript('generate.ts', ['--model', 'no\u001b[31m\u202e\nfile\u009b']);
  assert.is(status, 2);
  assert.is(stderr, 'generate.ts: no\\u001b[31m\\u202e\\nfile\\u009b: there is no such file\n');
});

test.run();
