import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { confusionTable } from '../../pipelines/classify/confusionTable.js';
import { readExamples } from '../../pipelines/classify/readExamples.js';
import { trigramOdds } from '../../pipelines/classify/trigramOdds.js';
import { loadModel } from '../../src/index.js';
import { assertRefused, emptyFolder, runScript, runShell } from './runScript.js';

const folder = emptyFolder();
const file = (name: string, rows: readonly string[]): string => {
  const path = join(folder, name);
  writeFileSync(path, ['text,label', ...rows].join('\n'));
  return path;
};
const rows = Array.from({ length: 120 }, (_, i) => {
  const vowels = 'aeiou'.repeat(2).slice(i % 5, (i % 5) + 3);
  return i % 2 ? `x${vowels}x${i % 7},hard` : `l${vowels}m${i % 7},soft`;
});
const data = file('data.csv', rows);
const tested = file('test.csv', rows.slice(0, 30));
const SMALL = `--hidden 8 --epochs 8`;

test('--json: passes, the accuracy, then a label for each line of standard input as it came, none for an empty one', async () => {
  const line = `printf 'xaxa\\n\\nlelem\\n  xuxu \\n' | $SCRIPT --data ${data} --test ${tested} ${SMALL} --json; exit \${PIPESTATUS[1]}`;
  const { status, stdout, stderr } = await runShell('classify.ts', line);
  assert.equal([status, stderr], [0, '']);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text) as Record<string, unknown>);
  assert.is(lines.length, 8 + 1 + 4);
  assert.equal(Object.keys(lines[0]!), ['epoch', 'loss', 'validation']);
  assert.equal(lines[8]!, { accuracy: 1, trigrams: 1 });
  assert.equal(
    lines.slice(9).map(({ text, label, unknown }) => [text, label, unknown]),
    [
      ['xaxa', 'hard', 0],
      ['', null, 0],
      ['lelem', 'soft', 0],
      ['xuxu', 'hard', 0],
    ],
  );
  for (const { label, probability } of lines.slice(9)) {
    if (label === null) assert.is(probability, null);
    else assert.ok((probability as number) > 0.5);
  }
});

test('characters that no example has are counted, named once, and read as zeros', async () => {
  const texts = `printf 'xaжx\n\nжж ж\nlelem\n'`;
  const saved = join(emptyFolder(), 'm');
  const learn = `$SCRIPT --data ${data} --test ${tested} ${SMALL} --out ${saved} --json </dev/null >/dev/null`;
  const use = `${texts} | $SCRIPT --model ${saved} --test ${tested}`;
  const line = `${learn}; ${use} | tail -4; ${use} --json | tail -4`;
  const { stdout, stderr } = await runShell('classify.ts', line);
  const lines = stdout.trimEnd().split('\n');
  assert.match(lines[0]!, /^[01]\.\d{3} {2}\w+ {2}xaжx {2}\(1 unknown character\)$/);
  assert.is(lines[1], '');
  assert.match(lines[2]!, / {2}жж ж {2}\(4 unknown characters\)$/);
  assert.match(lines[3]!, / {2}lelem$/);
  assert.equal(
    lines.slice(4).map((text) => JSON.parse(text).unknown),
    [1, 0, 4, 0],
  );
  const said = '5 characters of 2 texts are in no example: ж, " "; what is made of them is a guess\n';
  assert.is(stderr, said + said);
  const { model } = loadModel(saved);
  assert.ok(
    model.weights.tensors
      .get('embedding.weight')!
      .data.subarray(0, 32)
      .every((number) => number === 0),
  );
});

test('for people: the share that is right, beside counting, and which label was taken for which', async () => {
  const { status, stdout } = await runScript('classify.ts', ['--data', data, ...SMALL.split(' ')]);
  assert.is(status, 0);
  assert.match(stdout, /^\d+\.\d\d % of 12 labels right; by trigram counts \d+\.\d\d %\nright label by row/);
  assert.match(stdout, /\n +hard +soft\n +hard +\d+ +\d+\n +soft +\d+ +\d+\n$/);
});

for (const [what, args, message] of [
  ['a file that is missing', ['--data', 'none.csv'], /none\.csv/],
  ['a file without the columns', ['--data', file('other.csv', []).replace('other', 'none')], /none\.csv/],
  ['a file without examples', ['--data', file('empty.csv', [])], /empty\.csv: holds no examples/],
  ['a row without a text', ['--data', file('blank.csv', [...rows, '" ",soft'])], /blank\.csv, line 122 has no text/],
  ['a row without a label', ['--data', file('bare.csv', [...rows, 'x,'])], /bare\.csv, line 122 has no label/],
  [
    'one label',
    [
      '--data',
      file(
        'one.csv',
        rows.filter((row) => row.endsWith('soft')),
      ),
    ],
    /needs at least two labels, got 1/,
  ],
  [
    'one example',
    ['--data', file('single.csv', rows.slice(0, 1))],
    /single\.csv: learning needs at least two labels, got 0 in 0 examples; 1 of the file is held out to test with/,
  ],
] as const) {
  test(`refused: ${what}`, () => assertRefused('classify.ts', [...args, '--json'], message));
}

test('labels that steer a terminal are made visible', () => {
  const table = confusionTable(['a\u001b[2J', 'b'], [['b', 'a\u001b[2J']]);
  assert.ok(!table.includes('\u001b'));
  assert.is(confusionTable(Array.from({ length: 13 }, String), []), '');
});

test('labels to test with that were never learned are named and counted, for people and with --json', async () => {
  const others = file('others.csv', [...rows.slice(0, 10), 'xaxa,new', 'lolo,newer', 'lele,new']);
  const saved = join(emptyFolder(), 'm');
  const learn = `$SCRIPT --data ${data} --test ${tested} ${SMALL} --out ${saved} --json </dev/null >/dev/null`;
  const use = `$SCRIPT --model ${saved} --test ${others} </dev/null`;
  const { stdout, stderr } = await runShell('classify.ts', `${learn}; ${use} | head -1; ${use} --json`);
  const said = '3 labels of 3 examples are in no example that was learned: new, newer; they count as wrong\n';
  assert.is(stderr, said + said);
  const [people, json] = stdout.trimEnd().split('\n');
  assert.match(people!, / of 13 labels right$/);
  assert.is((JSON.parse(json!) as { unlearned: number }).unlearned, 3);
});

test('texts that are longer than what is read of them are counted; the trigrams read as much', async () => {
  const long = 'é'.repeat(1001);
  const texts = file('long.csv', [...rows, `${long},hard`, `${long}x,soft`, `${'l'.repeat(1000)},soft`]);
  const learn = `printf '%s\n' ${long} lelem | $SCRIPT --data ${texts} --test ${tested} --hidden 2 --epochs 1 --json`;
  const { stderr } = await runShell('classify.ts', `${learn}; exit 0`);
  const read = 'more than 1000 characters, of which only the first 1000 are read\n';
  assert.is(stderr, `2 texts of the examples have ${read}1 text of the lines has ${read}`);
  const count = trigramOdds(['aaa', 'bbb'].map((text) => ({ text, label: text[0]! })));
  assert.is(count('a'.repeat(1000) + 'b'.repeat(5000)), 'a');
});

test('names of columns are compared without the blanks around them', async () => {
  const path = join(folder, 'blanks.csv');
  writeFileSync(path, 'text, label\na,b\n');
  assert.equal(await readExamples(path), [{ text: 'a', label: 'b' }]);
});

test('trigram odds: the label under which a text is likeliest', () => {
  const count = trigramOdds([
    { text: 'aaa', label: 'a' },
    { text: 'aab', label: 'a' },
    { text: 'bbb', label: 'b' },
  ]);
  assert.equal(['aa', 'bb', 'ab'].map(count), ['a', 'b', 'a']);
});

test('--out saves the classifier, --model reads it: the same labels', async () => {
  const go = `printf 'xaxa\\nlelem\\n' | $SCRIPT --test ${tested} --json`;
  const line = `${go} --data ${data} ${SMALL} --out m | tail -3; ${go} --model m`;
  const { status, stdout, stderr } = await runShell('classify.ts', `${line}; exit \${PIPESTATUS[1]}`);
  assert.equal([status, stderr], [0, '']);
  const lines = stdout.trimEnd().split('\n');
  assert.is(lines.length, 6);
  assert.equal(lines.slice(4), lines.slice(1, 3));
  assert.equal([JSON.parse(lines[0]!), JSON.parse(lines[3]!)], [{ accuracy: 1, trigrams: 1 }, { accuracy: 1 }]);
});

test('Ctrl-C while it learns saves the best so far', async () => {
  const go = `$SCRIPT --data ${data} --hidden 8 --epochs 1000000 --json --out m >o & p=$!`;
  const until =
    'for i in $(seq 600); do grep -qs . o && break; sleep 0.1; done; kill -INT $p; wait $p; echo $?; grep -c stopped m; echo a | $SCRIPT --model m 2>e >/dev/null; cat e';
  const { stdout, stderr } = await runShell('classify.ts', `${go}; ${until}`);
  assert.equal(stdout.trim().split('\n'), ['0', '1', 'm: its learning was stopped before the end']);
  assert.is(stderr, '\nsaving the best so far; Ctrl-C again to leave at once\n');
});

test('| head ends the learning of what saves nothing', async () => {
  const { stdout } = await runShell('classify.ts', `$SCRIPT --data ${data} --hidden 4 --epochs 1000000 --json </dev/null | head -1; echo \${PIPESTATUS[0]}`); // prettier-ignore
  assert.match(stdout, /^\{"epoch":1,[^\n]*\n0\n$/);
});

test('refused: a model of another kind, and options of learning beside it', async () => {
  const english = fileURLToPath(new URL('../../data/models/english.safetensors', import.meta.url));
  await assertRefused(
    'classify.ts',
    ['--model', english],
    /is not a classifier; `rxrnn classify --out FILE` makes one \(it has no labels/,
  );
  await assertRefused('classify.ts', ['--model', english, '--epochs', '2'], /--epochs: is not for --model/);
});

test.run();
