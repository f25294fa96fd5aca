import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assertRefused, emptyFolder, FULL_DISK, runScript, runShell } from './runScript.js';

const golden = JSON.parse(readFileSync(new URL('../goldens/sys5-dinos-npm.json', import.meta.url), 'utf8'));

interface Mark {
  readonly iteration: number;
  readonly loss: number;
  readonly smoothLoss: number;
  readonly names: string[];
}
const marksOf = (stdout: string): Mark[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Reads the header of a safetensors file. */
function header(
  path: string,
): Record<string, { shape: number[]; dtype: string }> & { __metadata__: Record<string, string> } {
  const file = readFileSync(path);
  return JSON.parse(file.subarray(8, 8 + Number(file.readBigUInt64LE(0))).toString());
}

test('learns, makes up names, and saves the model', async () => {
  const folder = emptyFolder();
  const { status, stdout, stderr } = await runScript('names.ts', ['--iterations', '4001', '--json'], folder);
  const marks = marksOf(stdout);
  assert.equal(
    marks.map(({ iteration }) => iteration),
    [0, 2000, 4000],
  );
  assert.ok(marks[0]!.smoothLoss > 3.2 && marks[2]!.smoothLoss < 2.1, JSON.stringify(marks.map((m) => m.smoothLoss)));
  for (const { names } of marks) assert.is(names.length, 7);
  assert.is(stderr, '');
  assert.is(status, 0);

  const { __metadata__: metadata, ...tensors } = header(join(folder, 'names.safetensors'));
  assert.equal(tensors['rnn.weight_ih_l0']!.shape, [50, 27]);
  assert.is(metadata['format'], 'rxrnn');
  assert.is(JSON.parse(metadata['vocabulary']!).length, 27);
  assert.is(JSON.parse(metadata['provenance']!).iterations, 4001);
});

test('the same seed gives the same bytes, another seed others', async () => {
  const folder = emptyFolder();
  const run = (seed: string, out: string) =>
    runScript('names.ts', ['--iterations', '200', '--hidden', '10', '--json', '--seed', seed, '--out', out], folder);
  const [one, two, other] = [await run('4', 'a.st'), await run('4', 'b.st'), await run('5', 'c.st')];
  assert.is(one.stdout, two.stdout);
  assert.not.equal(one.stdout, other.stdout);
  assert.equal(readFileSync(join(folder, 'a.st')), readFileSync(join(folder, 'b.st')));
  assert.not.equal(readFileSync(join(folder, 'a.st')), readFileSync(join(folder, 'c.st')));
});

test('for people: it reports progress and draws the curve', async () => {
  const { stdout, stderr } = await runScript('names.ts', ['--iterations', '500']);
  assert.match(stdout, /^1325 names of 26 characters, 50 tanh units, seed 0\n/);
  assert.match(stdout, /\n {5}0 {2}3\.\d+ nats · 4\.\d+ bits {3}\w+, /);
  assert.match(stdout, /\n +\d\.\d\d ┤[▁▂▃▄▅▆▇█]/);
  assert.match(stdout, /\nmodel saved in names\.safetensors\n$/);
  assert.match(stderr, /100 % · 0:00 left · [\d.]+ nats · 500 of 500 names · [\d.]+ bits · \d+ char\/s\n$/);
});

test("--parity numpy prints the article's names and losses", async () => {
  const { stdout } = await runScript('names.ts', ['--parity', 'numpy', '--iterations', '4001', '--json']);
  const marks = marksOf(stdout);
  assert.is(marks.length, 3);
  for (const [i, { iteration, smoothLoss, names }] of marks.entries()) {
    assert.is(iteration, golden.trace[i].iteration);
    assert.equal(names, golden.trace[i].samples);
    assert.ok(Math.abs(smoothLoss - golden.trace[i].loss) < 1e-11);
  }
});

test("--parity numpy without --json prints the article's own lines", async () => {
  const { stdout } = await runScript('names.ts', ['--parity', 'numpy', '--iterations', '1']);
  const { printed, samples } = golden.trace[0];
  assert.is(stdout, `${printed}\n\n${samples.join('\n')}\n\n\nmodel saved in names.safetensors\n`);
});

test('reads a text file with one name per line, in any alphabet', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'words.txt'), 'Zoë\r\nΩmega\n\n🦖 rex\nNew York\n');
  const { status, stdout } = await runScript(
    'names.ts',
    ['--data', 'words.txt', '--iterations', '50', '--json'],
    folder,
  );
  assert.is(status, 0);
  assert.is(marksOf(stdout).length, 2);
});

const folder = emptyFolder();
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
mkdirSync(join(folder, 'folder.csv'));
const refused: [what: string, args: string[], message: RegExp][] = [
  ['a missing file', ['--data', 'none.csv'], /^names\.ts: .*none\.csv/],
  ['a directory', ['--data', join(folder, 'folder.csv')], /folder\.csv.*directory/],
  ['an empty file', ['--data', file('empty.txt', '')], /empty\.txt: contains no names/],
  ['an empty CSV', ['--data', file('empty.csv', '')], /empty\.csv/],
  ['a header alone', ['--data', file('header.csv', 'name\n')], /header\.csv: contains no names/],
  ['a missing column', ['--data', file('column.csv', 'title,size\nx,1\n')], /column\.csv.*name/],
  ['an unclosed quote', ['--data', file('quote.csv', 'name\na\n"b\nc\n')], /quote\.csv, line 3/],
  ['a field of 5 MB', ['--data', file('field.csv', `name\na\n${'x'.repeat(5e6)}\n`)], /field\.csv, line 3/],
  ['a line of 5 MB', ['--data', file('line.txt', 'x'.repeat(5e6))], /line\.txt, line 1/],
  [
    'invalid UTF-8',
    ['--data', file('utf8.txt', Uint8Array.of(97, 10, 255, 10))],
    /utf8\.txt, line 2: invalid UTF-8 at byte 2/,
  ],
  [
    'invalid UTF-8 in CSV',
    ['--data', file('utf8.csv', Buffer.concat([Buffer.from('name\na'), Buffer.of(0xc3, 0x28)]))],
    /utf8\.csv/,
  ],
  ['a negative size', ['--hidden', '-5'], /--hidden must be a positive integer up to 4096, got -5/],
  ['no iterations', ['--iterations', '0'], /--iterations must be a positive integer, got 0/],
  ['a rate that is not a number', ['--learning-rate', 'fast'], /--learning-rate must be a positive number, got fast/],
  ['parity with anything else', ['--parity', 'torch'], /--parity must be numpy, got torch/],
  [
    'an output folder that is missing',
    ['--out', 'no/where.safetensors'],
    /--out no\/where\.safetensors cannot be written: the folder no is missing/,
  ],
  ['an output that is a directory', ['--out', folder], /is a directory/],
];
for (const [what, args, message] of refused) {
  test(`refuses ${what}`, () => assertRefused('names.ts', ['--iterations', '10', ...args], message));
}

test('a loss that explodes ends in one line and no file', async () => {
  const folder = emptyFolder();
  const args = ['--learning-rate', '1e300', '--iterations', '100', '--json'];
  const { status, stderr } = await runScript('names.ts', args, folder);
  assert.match(stderr, /^names\.ts: .* (is|are) not finite/);
  assert.is(status, 2);
  assert.not.ok(existsSync(join(folder, 'names.safetensors')));
});

for (const [what, options, signal] of [
  ['Ctrl-C', '', 'INT'],
  ['SIGTERM', '', 'TERM'],
  ['SIGHUP', '', 'HUP'],
  ["Ctrl-C, the article's program", '--parity numpy', 'INT'],
] as const) {
  test(`${what} ends the run and saves the model`, async () => {
    const go = `$SCRIPT --iterations 100000000 --json ${options} >o & p=$!; until grep -qs . o; do sleep 0.1; done; sleep 0.2`;
    const { stdout, stderr } = await runShell(
      'names.ts',
      `${go}; kill -${signal} $p; wait $p; echo $?; od -An -c names.safetensors | head -1 >/dev/null && pwd`,
    );
    const [status, folder] = stdout.trim().split('\n');
    assert.is(status, '0');
    const more = signal === 'INT' ? '; Ctrl-C again to leave at once' : '';
    assert.is(stderr, `\nending and saving${more}\n`);
    const { __metadata__: metadata } = header(join(folder!, 'names.safetensors'));
    const { iterations, stopped } = JSON.parse(metadata['provenance']!);
    assert.ok(stopped && iterations > 1 && iterations < 100_000_000, `${iterations}`);
  });
}

test('a reader that closes the pipe: the model is saved; --save-every saves on the way', async () => {
  const closed = await runShell('names.ts', '$SCRIPT --iterations 100000000 --json | head -1 >/dev/null; ls');
  assert.equal([closed.stdout, closed.stderr], ['names.safetensors\n', '']);
  const go = '$SCRIPT --iterations 100000000 --json --save-every 100 >o & p=$!';
  const killed = await runShell(
    'names.ts',
    `${go}; for i in $(seq 300); do test -e names.safetensors && break; sleep 0.1; done; kill -KILL $p; wait $p; pwd`,
  );
  const { __metadata__: metadata } = header(join(killed.stdout.trim(), 'names.safetensors'));
  assert.is(JSON.parse(metadata['provenance']!).iterations % 100, 0);
});

test('what --save-every cannot save is said, and the run continues, to save at its end', async () => {
  for (const parity of ['', '--parity numpy']) {
    const options = `--iterations 40 --save-every 15 --json ${parity}`;
    const line = `${FULL_DISK} FULL_DISK='names.safetensors 1' $SCRIPT ${options} >o; s=$?; wc -l <o; (exit $s)`;
    const { status, stdout, stderr } = await runShell('names.ts', line);
    const lines = stderr.trimEnd().split('\n');
    assert.is(lines.length, 3, stderr);
    for (const line of lines) assert.match(line, /saveModel: names\.safetensors could not be written: ENOSPC/);
    assert.match(lines[2]!, /^names\.ts: /);
    assert.is(status, 1);
    assert.is(stdout.trim(), parity === '' ? '2' : '1');
  }
});

test('a name that is too long to be learned is refused with its line', async () => {
  const folder = emptyFolder();
  for (const [name, head, line] of [
    ['long.txt', '', 3],
    ['long.csv', 'name\n', 4],
  ] as const) {
    const path = join(folder, name);
    writeFileSync(path, `${head}anna\n${'é'.repeat(10_000)}\n${'b'.repeat(10_001)}\n`);
    await assertRefused(
      'names.ts',
      ['--data', path],
      new RegExp(
        `^names\\.ts: .*${name}, line ${line}: has 10001 characters, of which at most 10000 are learned at once; split it or leave it out\n$`,
      ),
    );
  }
});

test('the model of another list, or another file, is not overwritten without --force', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'a.txt'), 'anna\nbert\n');
  writeFileSync(join(folder, 'b.txt'), 'carl\ndora\n');
  const path = join(folder, 'names.safetensors');
  const run = (...args: string[]) => runScript('names.ts', ['--iterations', '20', '--json', ...args], folder);
  writeFileSync(path, 'precious');
  const foreign = await run('--data', 'a.txt');
  assert.match(
    foreign.stderr,
    /^names\.ts: names\.safetensors exists and is not a model; --force overwrites it, .*\n$/,
  );
  assert.equal([foreign.status, foreign.stdout, readFileSync(path, 'utf8')], [2, '', 'precious']);
  assert.is((await run('--data', 'a.txt', '--force')).status, 0);
  assert.is((await run('--data', './a.txt', '--seed', '2')).status, 0, 'the same list is as before');
  const saved = readFileSync(path);
  for (const parity of [[], ['--parity', 'numpy']]) {
    const other = await run('--data', 'b.txt', ...parity);
    assert.match(
      other.stderr,
      /^names\.ts: names\.safetensors holds a model of \.\/a\.txt; --force overwrites it, .*\n$/,
    );
    assert.equal([other.status, other.stdout], [2, '']);
  }
  assert.equal(readFileSync(path), saved);
});

test.run();
