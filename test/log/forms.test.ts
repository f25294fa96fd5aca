// Logs as programs write them, line by line: `forms.txt` has each line, and below it form, time, severity, component and message
// that are read of it, with - for none; or, behind +, the message of a line that continues the record before it. The lines
// below a title are of one log. ␉ is a tab, ␤ a line end.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type LogLine, recordReader } from '../../src/index.js';

const [, ...groups] = readFileSync(new URL('forms.txt', import.meta.url), 'utf8').split(/^## /m);

for (const group of groups) {
  const [title, ...rows] = group.trimEnd().split('\n');
  test(`time, severity, component and message are read of lines of ${title}`, () => {
    assert.is(rows.length % 2, 0);
    const reader = recordReader();
    for (let i = 0; i < rows.length; i += 2) {
      const line = rows[i]!.replaceAll('␉', '\t');
      assert.is(described(reader.read(line)), rows[i + 1], line);
    }
  });
}

test('there are as many logs as titles, so that none is passed over', () => {
  assert.ok(groups.length >= 50, String(groups.length));
});

test.run();

function described({ format, time, severity, component, message, continues }: LogLine): string {
  const text = message.replaceAll('\t', '␉').replaceAll('\n', '␤');
  if (continues) return `  + ${text}`.trimEnd();
  const at = time === null ? '-' : new Date(time).toISOString().replace('.000Z', 'Z');
  return `  = ${format} ${at} ${severity ?? '-'} ${component || '-'}: ${text}`.trimEnd();
}
