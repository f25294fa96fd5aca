// What the scripts print of others' texts, hostile ones: no control character comes out.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { resumeCommand } from '../../pipelines/charlm/checkpointOnInterrupt.js';
import { visiblePiece } from '../../pipelines/cli/visiblePiece.js';
import { entryText } from '../../pipelines/replay/entryText.js';
import { liveDiagram } from '../../pipelines/replay/liveDiagram.js';
import { lineText, surprisingSpans } from '../../pipelines/surprise/lineText.js';
import type { Entry } from '../../src/recording.js';
import { hostile, steers } from '../check/hostile.js';
import { runScript } from './runScript.js';

const RUNS = 5000; // `npm run fuzz` gives more

/** Each printed path: what is printed of a text, and what may come out. */
const PATHS: Readonly<Record<string, readonly [print: (text: string) => string, allowed: string]>> = {
  'a log line': [(text) => lineText(scored(text), surprisingSpans(text, bits(text), 5), false), '\n\t'],
  'a painted log line': [(text) => lineText(scored(text), [], (shown) => `<${shown}>`), '\n\t'],
  'a piece of generated text': [(text) => visiblePiece(text, 'a'), '\n\t'],
  'an entry with an error': [(text) => entryText({ title: 'a', step: 0, kind: 'E', error: { name: text, message: text } }), ''], // prettier-ignore
  'an entry with a value': [(text) => entryText({ title: 'a', step: 0, kind: 'N', value: { [text]: text } }), ''],
  'a live diagram': [(text) => liveDiagram(80)(entries(text)), '\n'],
  'the command that resumes': [(text) => resumeCommand(['node', 'charlm.ts', '--data', text]), ''],
};

for (const [name, [print, allowed]] of Object.entries(PATHS)) {
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

function bits(text: string): number[] {
  return Array.from(text, (_, i) => i % 10);
}

function scored(text: string): Parameters<typeof lineText>[0] {
  return { line: text, number: 1, key: '', bits: 1, bitsPerCharacter: 1, characters: bits(text) };
}

function entries(text: string): Entry[] {
  return [
    { title: text, step: 1, kind: 'N', value: text },
    { title: 'b', step: 1, kind: 'E', error: { name: text, message: text } },
  ];
}

test.run();
