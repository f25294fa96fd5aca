import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dialect } from './dialect.js';
import { dialectOf, EVERYTHING } from './dialectOf.js';
import { proseOf } from './proseOf.js';

test('comments, messages and documents are in plain English', () => {
  const found = dialectOf(EVERYTHING);
  assert.is(found.length, 0, `${found.length} found:\n${found.join('\n')}`);
});

for (const phrase of [
  'the loss a target',
  'one a lane',
  '64 MiB a second',
  'it is told its rate',
  'it stands behind it',
  'what stands there',
  'this is no list',
  'which a stream is not',
  'the model knows no line end',
  'laid out anew',
  'for whoever reads',
  'reckoned in float',
  'a token, as a rule',
  'the run goes on with the next window',
  'a crew of threads',
  'a line that is soon foreseen',
  'a table. Printed are the bits',
  'the same of fewer rows',
  'three layers, one on another',
]) {
  test(`the check reports: ${phrase}`, () => {
    assert.is(found('bad.ts', `/** It says: ${phrase}. */`).length > 0, true);
    assert.is(found('bad.md', `It says: ${phrase}.\n`).length > 0, true);
  });
}

for (const phrase of [
  'the mean loss per target',
  'there is no list',
  'it is no longer than a line',
  'a symbol that stands for all others',
  'a mock stands in for the file',
  'the end of the sequence, which a stream does not have',
  'a character a second time',
  'the file has not been written',
]) {
  test(`the check lets pass: ${phrase}`, () => assert.equal(found('good.ts', `// ${phrase}`), []));
}

test('the check reads comments and texts of a program, and no code', () => {
  const program = [
    "import { told } from './told.js';",
    '/**',
    ' * One',
    ' * a lane, `one a row`.',
    ' */',
    'const text = `${told} is',
    'told`;',
    '// it is',
    '// told',
    'const url = "https://x"; // told',
    "const line = 'one\\ntold';",
  ].join('\n');
  assert.equal(found('program.ts', program), ['3: One a lane', '7: told', '9: told', '10: told', '11: told']);
  assert.equal(found('program.py', 'told = 1  # one a lane\n'), ['1: one a lane']);
  assert.equal(found('text.md', '`told`\n\n```ts\ntold();\n```\n\ntold\n'), ['7: told']);
});

test.run();

function found(path: string, content: string): string[] {
  return dialect(proseOf(path, content)).map(({ line, phrase }) => `${line}: ${phrase}`);
}
