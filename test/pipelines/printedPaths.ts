// The paths on which the scripts print texts of others.
import { resumeCommand } from '../../pipelines/charlm/checkpointOnInterrupt.js';
import { visiblePiece } from '../../pipelines/cli/visiblePiece.js';
import { entryText } from '../../pipelines/replay/entryText.js';
import { liveDiagram } from '../../pipelines/replay/liveDiagram.js';
import { lineText, surprisingSpans } from '../../pipelines/surprise/lineText.js';
import { show } from '../../src/check/show.js';
import { visible } from '../../src/check/visible.js';
import type { Entry } from '../../src/recording.js';

/** Each printed path: what is printed of a text, and what may come out. */
export const printedPaths: Readonly<Record<string, readonly [print: (text: string) => string, allowed: string]>> = {
  'a log line': [(text) => lineText(scored(text), surprisingSpans(text, bits(text), 5), false), '\n\t'],
  'a painted log line': [(text) => lineText(scored(text), [], (shown) => `<${shown}>`), '\n\t'],
  'a piece of generated text': [(text) => visiblePiece(text, 'a'), '\n\t'],
  'an entry with an error': [(text) => entryText({ title: 'a', step: 0, kind: 'E', error: { name: text, message: text } }), ''], // prettier-ignore
  'an entry with a value': [(text) => entryText({ title: 'a', step: 0, kind: 'N', value: { [text]: text } }), ''],
  'a live diagram': [(text) => liveDiagram(80)(entries(text)), '\n'],
  'the command that resumes': [(text) => resumeCommand(['node', 'charlm.ts', '--data', text]), ''],
  'a value in an error': [(text) => show(text), ''],
  'an error message': [(text) => visible(text, { most: 2000 }), ''],
};

function bits(text: string): number[] {
  return Array.from(text, (_, i) => i % 10);
}

export function scored(text: string): Parameters<typeof lineText>[0] {
  return { line: text, number: 1, key: '', bits: 1, bitsPerCharacter: 1, characters: bits(text), counted: 0 };
}

function entries(text: string): Entry[] {
  return [
    { title: text, step: 1, kind: 'N', value: text },
    { title: 'b', step: 1, kind: 'E', error: { name: text, message: text } },
  ];
}
