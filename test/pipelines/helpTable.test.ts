import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fold } from '../../pipelines/cli/fold.js';
import { helpTable } from '../../pipelines/cli/helpTable.js';

const ROWS = [
  ['  --hidden N', 'hidden units per layer, of which each has a state that is carried'],
  ['', '  rnn, lstm'],
  ['  --json', 'print one JSON object per step'],
] as const;

test('without a terminal each row is one line', () => {
  assert.is(
    helpTable(ROWS, Infinity),
    [
      '  --hidden N   hidden units per layer, of which each has a state that is carried',
      '                 rnn, lstm',
      '  --json       print one JSON object per step',
    ].join('\n'),
  );
});

test('on a terminal a long text continues in its column', () => {
  assert.is(
    helpTable(ROWS, 48),
    [
      '  --hidden N   hidden units per layer, of which',
      '               each has a state that is carried',
      '                 rnn, lstm',
      '  --json       print one JSON object per step',
    ].join('\n'),
  );
});

test('on a narrow one texts stand below their names', () => {
  assert.is(
    helpTable(ROWS, 40),
    [
      '  --hidden N',
      '      hidden units per layer, of which',
      '      each has a state that is carried',
      '        rnn, lstm',
      '  --json',
      '      print one JSON object per step',
    ].join('\n'),
  );
});

test('no line is longer than the terminal, but for a word that is, and no word is lost', () => {
  const text = '  a text of words, some of them as long as extraordinarily';
  for (let columns = 1; columns < 70; columns++) {
    const lines = fold(text, columns);
    assert.equal(lines.join(' ').split(/\s+/), text.split(/\s+/));
    assert.ok(lines.every((line) => line.length <= columns || !line.trim().includes(' ')));
  }
});

test.run();
