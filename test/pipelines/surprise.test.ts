import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { from, groupBy, lastValueFrom, map, mergeMap, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { alarms } from '../../pipelines/surprise/alarms.js';
import { paint } from '../../pipelines/cli/paint.js';
import { type ScoredLine, scoreLines, scoreTokens } from '../../pipelines/surprise/scoreLines.js';
import { bundledModelPath } from '../../pipelines/models/bundledModelPath.js';
import { lineText, surprisingSpans } from '../../pipelines/surprise/lineText.js';
import { type KeyedToken, loadModel, predictThenLearn, rmsprop, surprisal, vocabularyOf } from '../../src/index.js';
import type { WasmKernel } from '../../src/kernel/wasm/wasm.js';
import { bundledScript } from './bundledScript.js';
import { assertRefused, emptyFolder, runScript, runShell } from './runScript.js';

const symbols = vocabularyOf(['\n', 'a', 'b']);
/** Scores a token with as many bits as its index. */
const count = map(({ token }: KeyedToken<string>) => ({ bits: token }));
const TEXT = ['Call me Ishmael.', '', 'Some years ago, never mind how long', 'zqzq xx'];

function scoredBy(lines: readonly string[], keyOf: (line: string) => string = () => ''): Promise<ScoredLine[]> {
  return lastValueFrom(from(lines).pipe(scoreLines({ symbols, keyOf, score: count }), toArray()));
}

test('a line has the bits of its characters and of its end; characters unknown to the model are skipped', async () => {
  assert.equal(await scoredBy(['ab', '', 'axb🦖']), [
    { line: 'ab', number: 1, key: '', bits: 3, bitsPerCharacter: 1, characters: [1, 2], counted: 0 },
    { line: '', number: 2, key: '', bits: 0, bitsPerCharacter: 0, characters: [], counted: 0 },
    { line: 'axb🦖', number: 3, key: '', bits: 3, bitsPerCharacter: 1, characters: [1, NaN, 2, NaN], counted: 0 },
  ]);
});

test('refuses a model without a line end', () => {
  const options = { symbols: vocabularyOf(['a']), keyOf: () => '', score: count };
  assert.throws(() => scoreLines(options), /the model does not know the line end/);
});

test('surprising parts: characters from so many bits on and unknown ones, by code points', () => {
  assert.equal(surprisingSpans('a🦖bcd', [1, 9, NaN, 1, 8], 8), [
    { text: '🦖b', from: 1, to: 3, bits: 9 },
    { text: 'd', from: 4, to: 5, bits: 8 },
  ]);
  assert.equal(surprisingSpans('ab', [1, 2], 8), []);
});

test('a line for people: marks below without colours, painted with', () => {
  const scored = {
    line: 'a\tbc',
    number: 1,
    key: '',
    bits: 20,
    bitsPerCharacter: 4,
    characters: [1, 1, 9, 9],
    counted: 0,
  };
  const parts = surprisingSpans(scored.line, scored.characters, 8);
  assert.is(lineText(scored, parts, false), ' 4.00  a\tbc\n        \t^^');
  assert.is(lineText(scored, [], false), ' 4.00  a\tbc');
  const painted = lineText(scored, parts, paint(true));
  assert.is(painted.split('\u001B[0m').length, 5);
  const alarmed = { ...scored, alarm: { since: 7, before: 1, after: 2.5 } };
  assert.match(lineText(alarmed, [], false), /\nalarm: since line 7 2\.50 bits per character, before 1\.00$/);
});

test('an alarm comes with the line that makes it sure, and names the first strange one', async () => {
  const lines = Array.from({ length: 100 }, (_, i) => ({
    line: '',
    number: i + 1,
    key: '',
    bits: 0,
    characters: [],
    counted: 0,
    bitsPerCharacter: i < 60 ? 1 + (i % 2) / 4 : 4,
  }));
  const results = await lastValueFrom(from(lines).pipe(alarms(), toArray()));
  const found = results.filter(({ alarm }) => alarm !== undefined);
  assert.is(found.length, 1);
  assert.is(found[0]!.alarm!.since, 61);
  assert.is(found[0]!.number, 66);
  assert.is(found[0]!.alarm!.after, 4);
});

test('vectors of 128 bits give the same lines, learning too', async () => {
  const args = [fileOf(TEXT), '--learn', '--json'];
  const [usual, narrow] = await Promise.all([
    runScript('surprise.ts', args),
    runScript('surprise.ts', [...args, '--no-wide']),
  ]);
  assert.equal([narrow.status, narrow.stderr], [0, '']);
  assert.ok(narrow.stdout.length > 100);
  assert.is(narrow.stdout, usual.stdout);
});

test('the scores are those of surprisal, added up by line', async () => {
  const { status, stdout, stderr } = await runScript('surprise.ts', [fileOf(TEXT), '--json']);
  assert.is(status, 0, stderr);
  assert.is(stderr, '');
  const scored = linesOf(stdout);
  assert.equal(
    scored.map(({ line }) => line),
    TEXT,
  );
  const { model, vocabulary } = loadModel(bundledModelPath('english'));
  const tokens = Array.from(`${TEXT.join('\n')}\n`, (symbol) => vocabulary!.token(symbol)!);
  const previous = vocabulary!.token('\n')!;
  const bits = await lastValueFrom(from(tokens).pipe(surprisal(model, { previous }), toArray()));
  const first = bits.slice(0, TEXT[0]!.length + 1).reduce((sum, one) => sum + one.bits, 0);
  assert.is(scored[0]!.bits, first);
  assert.is(scored[0]!.bitsPerCharacter, first / (TEXT[0]!.length + 1));
  assert.equal(scored[1]!.strange, []);
  assert.ok(scored[3]!.bitsPerCharacter > scored[2]!.bitsPerCharacter + 3);
  assert.ok(scored[3]!.strange.length > 0);
});

test('--learn: a repeated line is soon predicted, and the model is saved with what it learned', async () => {
  const folder = emptyFolder();
  const path = fileOf(Array.from({ length: 120 }, (_, i) => `user ${i % 3} logged in from 10.0.0.${i % 3}`));
  const args = [path, '--learn', '--ngram', '3', '--out', 'learned.safetensors'];
  const { status, stdout, stderr } = await runScript('surprise.ts', [...args, '--json'], folder);
  assert.is(status, 0, stderr);
  const scored = linesOf(stdout);
  assert.ok(scored[0]!.bitsPerCharacter > 4);
  assert.ok(scored.at(-1)!.bitsPerCharacter < 0.5, `${scored.at(-1)!.bitsPerCharacter}`);
  const again = await runScript('surprise.ts', [path, '--model', 'learned.safetensors', '--json'], folder);
  assert.ok(linesOf(again.stdout)[0]!.bitsPerCharacter < 1.5);
  const said = await runScript('surprise.ts', args, folder);
  assert.match(
    said.stderr,
    /^with --out a model of text learns characters; [^\n]+\n120 lines, 3720 characters, [\d.]+ bits per character; counts of 3: [\d.]+\nmodel saved in/,
  );
});

test('--learn --out without --model: a new network by --seed, as small and as repeatable as it is', async () => {
  const folder = emptyFolder();
  const path = fileOf(['up 1', 'up 2', 'вверх']);
  const run = (out: string, ...args: string[]) =>
    runScript('surprise.ts', [path, '--learn', '--out', out, '--json', ...args], folder);
  const runs = await Promise.all([run('a'), run('b'), run('c', '--seed', '1')]);
  assert.equal(
    runs.map(({ stderr }) => stderr),
    ['', '', ''],
  );
  assert.is(runs[0].stdout, runs[1].stdout);
  assert.is.not(runs[0].stdout, runs[2].stdout);
  const { model, vocabulary, provenance } = loadModel(join(folder, 'c'));
  assert.ok(model.weights.numbers.length < 120_000);
  assert.equal(['\t', '\n', '~', 'в'].map(vocabulary!.token), [0, 1, 96, undefined]);
  assert.is(vocabulary!.symbol(vocabulary!.unknown!), '\uFFFD');
  assert.equal([provenance!['seed'], provenance!['model']], [1, undefined]);
});

for (const learn of [[], ['--learn']]) {
  test(`--key ${learn.join('')}: each key is a stream of its own`, async () => {
    const mixed = fileOf(['a Call me Ishmael.', 'b zqzq xx', 'a Some years ago', 'b zqzq xx']);
    const { stdout, stderr } = await runScript('surprise.ts', [mixed, '--key', '^(\\w) ', '--json', ...learn]);
    assert.is(stderr, '');
    const scored = linesOf(stdout);
    assert.equal(
      scored.map(({ key }) => key),
      ['a', 'b', 'a', 'b'],
    );
    const typo = await runScript('surprise.ts', [mixed, '--key', 'no such key', '--json', ...learn]);
    assert.is(typo.stderr, '--key found no key in any of 4 lines: all share an empty key, as without --key\n');
    if (learn.length > 0) return;
    const alone = fileOf(['b zqzq xx', 'b zqzq xx']);
    const b = linesOf((await runScript('surprise.ts', [alone, '--key', '^(\\w) ', '--json'])).stdout);
    assert.equal(
      scored.filter(({ key }) => key === 'b').map(({ bits }) => bits),
      b.map(({ bits }) => bits),
    );
  });
}

test('learning by key, all keys train the one model', async () => {
  const { model, vocabulary } = loadModel(bundledModelPath('names'));
  const before = model.weights.numbers.slice();
  const score = scoreTokens(model, { keyed: true, learningRate: 0.01, previous: 0 });
  const options = { symbols: vocabulary!, keyOf: (line: string) => line[0]!, score };
  const lines = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 'abcabc' : 'xyzxyz'));
  const scored = await lastValueFrom(from(lines).pipe(scoreLines(options), toArray()));
  assert.ok(scored.at(-1)!.bits < scored[1]!.bits / 2);
  assert.ok(scored.at(-2)!.bits < scored[0]!.bits / 2);
  assert.is.not(model.weights.numbers[0], before[0]);
});

test('learning by key gives the bits of a stream for each key, and a key takes the memory of its state', async () => {
  const keys = 200;
  const items = Array.from({ length: 15 * keys }, (_, i): KeyedToken<number> => {
    return { key: Math.floor(i / 30) * 2 + (i % 2), token: (7 * i) % 26 };
  });
  const learning = { learningRate: 0.01, previous: 0 };
  const { model } = loadModel(bundledModelPath('names'));
  const { memory } = model.kernel as WasmKernel;
  const sizes: number[] = [];
  const bits: number[] = [];
  from(items.map(({ key, token }) => ({ key: String(key), token })))
    .pipe(scoreTokens(model, { keyed: true, ...learning }))
    .subscribe((scored) => {
      bits.push(scored.bits);
      sizes.push(memory.buffer.byteLength);
    });
  assert.is(sizes.length, items.length);
  assert.is(sizes.at(-1), sizes[60], `bytes after ${keys} keys, and after four`);

  const { model: other } = loadModel(bundledModelPath('names'));
  const options = { optimizer: rmsprop({ learningRate: 0.01 }), steps: 25, previous: 0 };
  const alone: number[] = [];
  from(items)
    .pipe(
      groupBy(({ key }) => key),
      mergeMap((of$) =>
        of$.pipe(
          map(({ token }) => token),
          predictThenLearn(other, options),
        ),
      ),
    )
    .subscribe((scored) => alone.push(scored.bits));
  assert.equal(bits, alone);
});

test('each line is answered as it arrives', async () => {
  const child = await start(['--json']);
  const first = new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').once('data', resolve);
  });
  child.stdin.write('first\nsec');
  assert.is((JSON.parse(await first) as { line: string }).line, 'first');
  child.stdin.end();
  await closed(child);
});

test('Ctrl-C ends the run, prints the summary and saves the model', async () => {
  const folder = emptyFolder();
  const child = await start(['--learn', '--out', 'learned.safetensors'], folder);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (stderr += chunk));
  child.stdin.write('first\nsecond\n');
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGINT');
  assert.is(await closed(child), 0);
  assert.match(
    stderr,
    /\n(1 line|2 lines), \d+ characters, [\d.]+ bits per character\nended before the end of standard input\nmodel saved in learned\.safetensors\n$/,
  );
  assert.ok(existsSync(join(folder, 'learned.safetensors')));
});

test('a reader that closes the pipe ends the run normally', async () => {
  const { status, stdout, stderr } = await runShell('surprise.ts', 'yes hello | $SCRIPT --json | head -3');
  assert.is(stdout.trimEnd().split('\n').length, 3);
  assert.is(stderr, '');
  assert.ok(status === 0 || status === 141); // of `yes`
});

for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} saves the model too`, async () => {
    const folder = emptyFolder();
    const child = await start(['--learn', '--out', 'learned.safetensors'], folder);
    child.stdin.write('first\n');
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill(signal);
    assert.is(await closed(child), 0);
    assert.is(loadModel(join(folder, 'learned.safetensors')).provenance!['learned'], 'standard input');
  });
}

test('a reader that closes the pipe, and an output that cannot be written: the model is saved', async () => {
  const learn = '--learn --out m --json';
  const head = await runShell('surprise.ts', `yes hello | $SCRIPT ${learn} | head -1 >/dev/null; ls`);
  assert.equal([head.stdout, head.stderr], ['m\n', '']);
  if (!existsSync('/dev/full')) return;
  const full = await runShell('surprise.ts', `yes hello | $SCRIPT ${learn} >/dev/full; echo \${PIPESTATUS[1]}; ls`);
  assert.is(full.stdout, '1\nm\n');
  assert.match(full.stderr, /^surprise\.ts: standard output cannot be written: ENOSPC[^\n]*\n$/);
});

test('an error in the stream: what came before is scored and saved, and the error is reported', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'long.log'), `hello\n${'x'.repeat(0x100001)}\n`);
  const args = ['long.log', '--learn', '--out', 'm', '--json', '--on-long', 'error'];
  const { status, stdout, stderr } = await runScript('surprise.ts', args, folder);
  assert.is(linesOf(stdout).length, 1);
  assert.is(status, 2);
  assert.match(stderr, /^surprise\.ts: long\.log, line 2: [^\n]*\n$/);
  assert.is(loadModel(join(folder, 'm')).provenance!['characters'], 6);
});

for (const [policy, lines, note] of [
  ['cut', ['hello', 'x'.repeat(20), 'bye'], '1 line longer than 20 bytes was cut (--on-long)\n'],
  ['skip', ['hello', 'bye'], '1 line longer than 20 bytes was left out (--on-long)\n'],
  ['error', ['hello'], /^surprise\.ts: long\.log, line 2: longer than 20 bytes/],
] as const) {
  test(`--on-long ${policy}: a line that is too long`, async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'long.log'), `hello\n${'x'.repeat(30)}\nbye\n`);
    const args = ['long.log', '--json', '--max-line', '20', '--on-long', policy];
    const { status, stdout, stderr } = await runScript('surprise.ts', args, folder);
    assert.equal(
      linesOf(stdout).map(({ line }) => line),
      lines,
    );
    assert.match(stderr, note);
    assert.is(status, policy === 'error' ? 2 : 0);
  });
}

test('a line of 210,000 characters is scored in slices, and the lines after it wait', async () => {
  const { model, vocabulary } = loadModel(bundledModelPath('names'));
  const score = scoreTokens(model, { keyed: false, learningRate: undefined, previous: 0 });
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  const long = 'abcdefg'.repeat(30_000);
  const lines$ = from([long, 'ab']).pipe(
    scoreLines({ symbols: vocabulary!, keyOf: () => '', score }),
    map(({ line, characters }) => [line.length, characters.length, turns]),
    toArray(),
  );
  const [first, second] = await lastValueFrom(lines$);
  clearInterval(timer);
  assert.equal(first!.slice(0, 2), [210_000, 210_000]);
  assert.equal(second!.slice(0, 2), [2, 2]);
  assert.ok(first![2]! >= 3, `the event loop had ${first![2]} turns`);
});

test('a long line for people shows its beginning', () => {
  const line = `a${'🦖'.repeat(5000)}`;
  const characters = Array.from({ length: 5001 }, () => 9);
  const scored = { line, number: 1, key: '', bits: 20, bitsPerCharacter: 4, characters, counted: 0 };
  const text = lineText(scored, surprisingSpans(line, characters, 8), false);
  assert.match(text, `a${'🦖'.repeat(4095)}… and 905 characters more\n       ${'^'.repeat(4096)}`);
  assert.ok(text.endsWith('^'));
});

test('--save-every saves on the way', async () => {
  const folder = emptyFolder();
  const child = await start(['--learn', '--out', 'm', '--save-every', '2', '--json'], folder);
  child.stdin.write('a\nb\nc\nd\ne\n');
  let stdout = '';
  await new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      if (stdout.split('\n').length > 5) resolve();
    });
  });
  child.kill('SIGKILL');
  await closed(child);
  assert.is(loadModel(join(folder, 'm')).provenance!['characters'], 8);
});

test('a file that holds something else is not overwritten without --force; the model that was read is', async () => {
  const folder = emptyFolder();
  const [path, other] = [fileOf(['hello']), fileOf(['good bye'])];
  writeFileSync(join(folder, 'm'), 'precious');
  const run = (...args: string[]) => runScript('surprise.ts', ['--learn', '--out', 'm', '--json', ...args], folder);
  const foreign = await run(path);
  assert.match(
    foreign.stderr,
    /^surprise\.ts: m exists and is not a model; --force overwrites it, another --out keeps it/,
  );
  assert.equal([foreign.status, foreign.stdout], [2, '']);
  assert.is((await run(path, '--force')).status, 0);
  assert.is((await run(path)).status, 0, 'the same log is as before');
  const refused = await run(other);
  assert.match(refused.stderr, /^surprise\.ts: m holds a model of .*lines\.log; --force/);
  assert.is(refused.status, 2);
  assert.is((await run(other, '--model', 'm')).status, 0);
});

test('bytes that are not text are surprising, and the stream continues', async () => {
  const path = join(emptyFolder(), 'bytes.log');
  writeFileSync(path, Buffer.from([97, 0xff, 0xfe, 98, 10, 99]));
  const { status, stdout } = await runScript('surprise.ts', [path, '--json']);
  assert.is(status, 0);
  assert.equal(
    linesOf(stdout).map(({ line }) => line),
    ['a\uFFFD\uFFFDb', 'c'],
  );
});

const refused: [what: string, args: string[], message: RegExp][] = [
  ['a file that is not there', ['none.log'], /none\.log: there is no such file/],
  ['a key that is not an expression', ['--key', '('], /--key: Invalid regular expression/],
  ['a place for a model that does not learn', ['--out', 'x'], /--out: without --learn/],
  ['a time to save without a place', ['--save-every', '5', '--learn'], /--save-every: without --out/],
  ['a folder for the model that is not there', ['--learn', '--out', 'no/x'], /no/],
  ['two files', ['a', 'b'], /at most one FILE/],
];
for (const [what, args, message] of refused) {
  test(`refuses ${what}`, () => assertRefused('surprise.ts', args, message));
}

interface Line {
  readonly line: string;
  readonly key?: string;
  readonly bits: number;
  readonly bitsPerCharacter: number;
  readonly strange: readonly unknown[];
}

function linesOf(stdout: string): Line[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

function fileOf(lines: readonly string[]): string {
  const path = join(emptyFolder(), 'lines.log');
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

async function start(args: readonly string[], cwd = emptyFolder()): Promise<ChildProcessWithoutNullStreams> {
  return spawn(process.execPath, [await bundledScript('surprise.ts'), ...args], { cwd });
}

function closed(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  return new Promise((resolve) => child.on('close', resolve));
}

test('--studio shows scores on a page while lines come, with the alarms and what they are about', async () => {
  const child = spawn(process.execPath, [await bundledScript('surprise.ts'), '--learn', '--studio', '--json']);
  child.stdout.resume();
  const origin = await new Promise<string>((found) => {
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (more: string) => {
      const url = /studio: (\S+)\n/.exec((text += more))?.[1];
      if (url !== undefined) found(new URL(url).origin);
    });
  });
  for (let i = 0; i < 600; i++) child.stdin.write(`job ${i % 7} done in ${i % 5} ms\n`);
  child.stdin.write('kernel panic: \u001b[31mnot syncing, attempted to kill init\n');
  const { body } = await fetch(`${origin}/events`);
  let events = '';
  for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
    events += chunk;
    if (/"notes":\[\{"time":601/.test(events)) break;
  }
  assert.match(events, '"note":"kernel panic: not syncing, attempted to kill init (');
  child.stdin.end();
  assert.is(await new Promise((ended) => child.on('exit', ended)), 0);
});

test('FILE --studio: when all lines are scored the page stays until Ctrl-C, and what was learned is saved before', async () => {
  const folder = emptyFolder();
  const path = fileOf(Array.from({ length: 30 }, (_, i) => `job ${i} done`));
  const script = await bundledScript('surprise.ts');
  const child = spawn(process.execPath, [script, path, '--learn', '--studio', '--state', 's'], { cwd: folder });
  child.stdout.resume();
  let text = '';
  await new Promise<void>((said) => {
    child.stderr.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      if (text.includes('the page stays until Ctrl-C')) said();
    });
  });
  assert.match(text, /30 lines of 1 template\b/);
  assert.ok(existsSync(join(folder, 's')));
  const page = await fetch(/studio: (\S+)\n/.exec(text)![1]!);
  assert.is(page.status, 200);
  await page.body?.cancel();
  assert.is(child.exitCode, null);
  child.kill('SIGINT');
  assert.is(await closed(child), 0);
});

for (const [args, message] of [
  [['--learning-rate', '0.1'], /--learning-rate: without --learn the model does not change$/m],
  [['--fail-on-alarm'], /--fail-on-alarm: a model of text has alarms with --alarm only$/m],
  [['--learn', '--model', 'm', '--webhook', 'http://a'], /--webhook: a model of text has alarms with --alarm only$/m],
  [['--only', 'strange'], /--only: a model of text has alarms with --alarm only, and strange lines are those$/m],
] as const) {
  test(`an option without effect is refused: ${args.join(' ')}`, () => assertRefused('surprise.ts', args, message));
}

test('a log that is not text is said to be so, and scored', async () => {
  const path = join(emptyFolder(), 'app.log.gz');
  writeFileSync(path, gzipSync(Array.from({ length: 200 }, (_, i) => `job ${(i * 7919) % 1000} done\n`).join('')));
  const { status, stderr, stdout } = await runScript('surprise.ts', [path, '--learn', '--json']);
  assert.is(status, 0);
  assert.match(
    stderr,
    /app\.log\.gz is compressed by gzip: gunzip -c FILE \| … reads it; its lines are scored as they are\n/,
  );
  assert.ok(stdout.length > 0);
});

test.run();
