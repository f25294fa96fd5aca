// What the scripts have in common: help, mistakes in the options, files that cannot be read or written, closed pipes,
// and the parts of pipelines/cli.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkReadable } from '../../pipelines/cli/checkReadable.js';
import { checkWritable } from '../../pipelines/cli/checkWritable.js';
import { curve } from '../../pipelines/cli/curve.js';
import { growingTable } from '../../pipelines/cli/growingTable.js';
import { hasColours, paint } from '../../pipelines/cli/paint.js';
import { largestOf } from '../../pipelines/cli/largestOf.js';
import { ofSystem } from '../../pipelines/cli/ofSystem.js';
import { progressLine } from '../../pipelines/cli/progressLine.js';
import { timeLeft } from '../../pipelines/cli/timeLeft.js';
import { timeOf } from '../../pipelines/cli/timeOf.js';
import { timeOrder } from '../../pipelines/cli/timeOrder.js';
import { wrapped } from '../../pipelines/cli/wrapped.js';
import { patched } from '../checkpoint/patched.js';
import { assertRefused, emptyFolder, type Ran, runScript, runShell } from './runScript.js';

const posix = process.platform !== 'win32';

const folder = emptyFolder();
mkdirSync(join(folder, 'folder'));
writeFileSync(join(folder, 'file'), 'old');
if (posix) execFileSync('mkfifo', [join(folder, 'pipe')]);
const before = readdirSync(folder);

for (const [what, path, message] of [
  ['a folder', 'folder', /^--out .*folder cannot be written: it is a directory$/],
  ['a name that only a folder can have', 'new/', /new\/ cannot be written: it is a directory$/],
  ['a folder that is missing', 'no/model', /no\/model cannot be written: the folder .*no is missing$/],
  ['a file in the place of a folder', 'file/model', /file\/model cannot be written: .*file is not a folder$/],
  ['a name that is too long', 'x'.repeat(300), /cannot be written: ENAMETOOLONG/],
  ...(posix ? ([['a pipe', 'pipe', /pipe cannot be written: it is a device or a pipe, not a file$/]] as const) : []),
] as const) {
  test(`a place for a file: refuses ${what}`, () => {
    assert.throws(() => checkWritable(`${folder}/${path}`), message);
    assert.equal(readdirSync(folder), before);
  });
}

const days = (...numbers: readonly number[]): string[] =>
  numbers.map((day) => `2026-01-${String(day).padStart(2, '0')}`);
for (const [what, times, said] of [
  ['even', days(1, 2, 3, 4), undefined],
  ['months', ['2026-01-01', '2026-02-01', '2026-03-01', '2026-04-01'], undefined],
  ['a gap', days(1, 2, 3, 4, 9), /^rows are not evenly spaced in t: 1 of 4 steps/],
  ['back', days(1, 3, 2, 4, 3), /^t goes back 2 times: sort the rows/],
  ['hours with a zone', ['2026-01-01 10:00', '2026-01-01T11:00Z', '2026-01-01T13:00:00+01:00'], undefined],
  ['no times', ['1', '5', '3'], undefined],
  ['day first', ['30.01.2026', '31.01.2026', '01.02.2026', '02.02.2026'], undefined],
  ['day first, back', ['30/01/2026 10:00', '31/01/2026 10:00', '01/01/2026 10:00'], /^t goes back once/],
  ['month first, a gap', ['1/30/2026', '1/31/2026', '2/1/2026', '2/9/2026', '2/10/2026'], /^rows .*: 1 of 4 steps/],
  ['day or month first, of which it depends', ['01.02.2026', '03.01.2026'], /^t may have the day or the month first, as in 01\.02\.2026: whether/], // prettier-ignore
  ['day or month first, on which nothing depends', ['01.02.2026', '02.02.2026', '03.02.2026'], undefined],
  ['day first and month first', ['31.01.2026', '01.31.2026'], /^t has times that are not read, such as 01\.31\.2026/],
  ['half days', ['3/25/2026 11:00 AM', '3/25/2026 12:00 PM', '3/25/2026 1:00 PM', '3/25/2026 2:00 pm'], undefined],
  ['year first', ['2026/03/31', '2026/04/01', '2026/03/01'], /^t goes back once/],
  ['without marks', ['20260331', '20260401', '20260402', '20260301'], /^t goes back once/],
  ['seconds since 1970', ['1700000060', '1700000000', '1700000120'], /^t goes back once/],
  ['dates of two digits', ['3/25/26', '3/24/26'], /^t has times that are not read, such as 3\/25\/26: whether/],
  ['names of months', ['25 March 2026', '26 March 2026'], /^t has times that are not read, such as 25 March 2026/],
] as const) {
  test(`the order of times: ${what}`, () => {
    const order = timeOrder('t', { even: true });
    for (const time of times) order.add(time);
    const complaint = order.complaint();
    if (said) assert.match(complaint!, said);
    else assert.is(complaint, undefined);
  });
}

test('numbers are times where the column is named so', () => {
  const complaints = ['value', 'timestamp'].map((name) => {
    const order = timeOrder(name, { even: false });
    for (const time of ['1700000060', '1700000000', '1700000120']) order.add(time);
    return order.complaint();
  });
  assert.equal(complaints, [undefined, 'timestamp goes back once: sort the rows by time, they are taken in the order of the file']); // prettier-ignore
});

test('dates that the calendar has not are not times', () => {
  const dates = [
    '2024-02-29',
    '2024-02-30',
    '2024-13',
    '2024/02/30',
    '20240230',
    '2023-02-29 10:00',
    '2024-02-30T10:00Z',
  ];
  assert.equal(
    dates.map((date) => Number.isNaN(timeOf(date))),
    [false, true, true, true, true, true, true],
  );
});

for (const [name, code, message] of [
  ['openSync', 'EROFS', /nothing can be written in the folder/],
  ['openSync', 'EACCES', /nothing can be written in the folder/],
  ['writeSync', 'ENOSPC', /the disk is full/],
  ['closeSync', 'EIO', /EIO: injected/],
] as const) {
  test(`a place for a file: ${name} fails with ${code}`, () => {
    const fail = (): never => {
      throw Object.assign(new Error(`${code}: injected`), { code });
    };
    patched({ [name]: fail }, () => assert.throws(() => checkWritable(join(folder, 'new')), message));
    assert.equal(readdirSync(folder), before);
  });
}

test('a place for a file: a disk that stores only a part of it is full', () => {
  patched({ writeSync: () => 10 }, () => assert.throws(() => checkWritable(join(folder, 'new')), /the disk is full/));
  assert.equal(readdirSync(folder), before);
});

test('a place for a file: a new file, an old one and a link to one are accepted, and nothing is left behind', () => {
  symlinkSync(join(folder, 'file'), join(folder, 'link'));
  for (const name of ['new', 'file', 'link']) checkWritable(join(folder, name));
  assert.equal(readdirSync(folder), [...before, 'link'].toSorted());
});

test('a file to read: a missing file and a folder are refused', () => {
  assert.throws(() => checkReadable('none'), /^none: there is no such file$/);
  assert.throws(() => checkReadable(folder), /is a directory, expected a file$/);
  checkReadable(join(folder, 'file'));
});

if (posix) {
  for (const [script, args] of [
    ['generate.ts', ['--model']],
    ['surprise.ts', ['--model']],
    ['replay.ts', []],
    ['charlm.ts', ['--data']],
    ['translate.ts', ['--data']],
  ] as const) {
    test(`${script} ${args.join()} refuses a pipe and a device, which may have no end`, async () => {
      for (const path of [join(folder, 'pipe'), '/dev/zero']) {
        await assertRefused(script, [...args, path], /: is a device or a pipe, expected a regular file$/m);
      }
    });
  }
}

for (const [what, args, line] of [
  ['an unknown option', ['--colour'], "surprise.ts: Unknown option '--colour'; --help lists the options\n"],
  ['a value that is missing', ['--ngram'], 'surprise.ts: --ngram needs a value; --help lists the options\n'],
  [
    'an option in place of a value',
    ['--ngram', '--json'],
    'surprise.ts: --ngram needs a value; --help lists the options\n',
  ],
  ['an empty number', ['--ngram', ''], 'surprise.ts: --ngram must not be empty\n'],
] as const) {
  test(`one line for ${what}`, () => assertRefused('surprise.ts', args, new RegExp(`${line.trimEnd()}\n$`)));
}

test('an argument that the script does not take is refused in one sentence', () =>
  assertRefused('srn.ts', ['extra'], /^srn\.ts: Unexpected argument 'extra'; --help lists the options\n$/));

test('an argument of a script that reads a file by an option is answered with that option', () =>
  assertRefused('names.ts', ['my.txt'], /^names\.ts: Unexpected argument 'my\.txt'; did you mean --data my\.txt\?\n$/));

if (existsSync('/dev/full')) {
  for (const [script, options] of [
    ['srn.ts', ''], // by console.log
    ['generate.ts', '--max-tokens 5'], // by write
  ] as const) {
    test(`${script}: a standard output that cannot be written ends the script with one line`, async () => {
      const { status, stderr } = await runShell(script, `$SCRIPT ${options} > /dev/full`);
      assert.match(stderr, /^\w+\.ts: standard output cannot be written: ENOSPC[^\n]*\n$/);
      assert.is(status, 1);
    });
  }
}

test('the largest of more numbers than a call has arguments', () => {
  const numbers = Array.from({ length: 500_000 }, (_, i) => (i * 7919) % 500_009);
  assert.is(largestOf(numbers), 500_008);
  assert.equal([largestOf([]), largestOf([-3, -2]), largestOf([-3, -2], -Infinity)], [0, 0, -2]);
});

test('what the system cannot write now is not a mistake in the options: exit status 1, also where another error came of it', () => {
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  assert.ok(ofSystem(full));
  assert.ok(ofSystem(new Error('state could not be saved', { cause: new Error('write failed', { cause: full }) })));
  assert.not(ofSystem(Object.assign(new Error('missing'), { code: 'ENOENT' })));
  assert.not(ofSystem('ENOSPC'));
  const loop: Error = new Error('a');
  loop.cause = loop;
  assert.not(ofSystem(loop));
});

for (const [script, options] of [
  ['binary-addition.ts', '--iterations 100000000'],
  ['generate.ts', '--max-tokens 100000000 --json'],
  ['hello.ts', '--epochs 100000000 --json'],
  ['names.ts', '--iterations 100000000 --json'],
  ['translate.ts', '--epochs 100000000 --hidden 4 --json'],
] as const) {
  test(`${script}: a reader that closes the pipe ends an endless run`, async () => {
    const { status, stdout, stderr } = await runShell(script, `$SCRIPT ${options} | head -1`);
    assert.is(stdout.split('\n').length, 2);
    assert.is(stderr, '');
    assert.is(status, 0);
  });
}

const scripts = readdirSync(new URL('../../pipelines', import.meta.url)).filter((name) => name.endsWith('.ts'));
const helps = new Map<string, Promise<Ran>>();
const helpOf = (script: string): Promise<Ran> => {
  const help = helps.get(script) ?? runScript(script, ['--help']);
  helps.set(script, help);
  return help;
};
for (const script of scripts) {
  test(`${script}: an option that there is not is answered with the nearest one`, () =>
    assertRefused(script, ['--sed', '3'], /^[\w-]+\.ts: Unknown option '--sed'; did you mean --seed\?\n$/));

  test(`${script} --help names what reads each file that it writes, and jobs as the command does`, async () => {
    const { stdout } = await helpOf(script);
    assert.equal(stdout.replaceAll(`npx tsx pipelines/${script}`, '').match(/\w+\.ts\b/g), null);
    const written = stdout.match(/^ {2}--(?:out|record|checkpoint) .*$/gm) ?? [];
    for (const line of written.filter((line) => !line.endsWith('the file to restore it to'))) {
      const readers = /, (?:for|which) (.+?)(?:,| then| \(|$)/.exec(line)?.[1]?.split(' and ') ?? [];
      assert.ok(readers.length > 0, line);
      for (const reader of readers.filter((reader) => reader !== 'FILE')) {
        const [, job = script.replace('.ts', ''), option] = /^([a-z]+\b)? ?(--[\w-]+)?$/.exec(reader)!;
        assert.ok(scripts.includes(`${job}.ts`), line);
        if (option) assert.match((await helpOf(`${job}.ts`)).stdout, new RegExp(`^ {2}${option}\\b`, 'm'));
      }
    }
  });

  test(`${script} --help explains every option in one line of at most 130 characters`, async () => {
    const { status, stdout, stderr } = await helpOf(script);
    assert.equal([status, stderr], [0, '']);
    assert.ok(stdout.includes(`\n  npx tsx pipelines/${script} [`), stdout);
    assert.match(stdout, /\n {2}--seed N +\w.*\n(?:.*\n)* {2}--json +\w.*\n {2}--help +print this text\n$/);
    assert.equal(
      stdout.split('\n').filter((line) => line.length > 130),
      [],
    );
  });
}

for (const [script, args, needed] of [
  ['charlm.ts', ['--data-changed'], 'resume'],
  ['classify.ts', ['--force'], 'out'],
  ['compress.ts', ['--force'], 'out'],
  ['decompress.ts', ['--force'], 'out'],
  ['events.ts', ['--force'], 'out'],
  ['forecast.ts', ['--force'], 'out'],
  ['replay.ts', ['--force'], 'out'],
  ['translate.ts', ['--force'], 'out'],
  ['worker.ts', ['--states', 'reset'], 'model'],
  ['worker.ts', ['--learning-rate', '0.1', '--states', 'carry', '--model', 'm'], 'learn'],
] as const) {
  test(`${script} ${args[0]}: an option that has no effect without another is refused alone`, async () => {
    await assertRefused(script, args, new RegExp(`: ${args[0]}: has no effect without --${needed}$`, 'm'));
    const { stdout } = await helpOf(script);
    assert.match(stdout, new RegExp(`^ {2}${args[0]} .*--${needed}`, 'm'), 'which the help says, too');
  });
}

/** Options that name a file or a folder that is read; any other is written. */
const READ = 'data model test train normal abnormal scan replay compare creds tls-ca'.split(' ');

test('the guide has every file that a job writes in its table, and what reads it is there', async () => {
  const guide = readFileSync(new URL('../../src/guides/the-command.md', import.meta.url), 'utf8');
  const rows = Array.from(guide.matchAll(/^\| (`[a-z].*?) +\| (`--.*?) +\| (.*?) +\|$/gm));
  const named = rows.flatMap(([, names, options]) =>
    Array.from(names!.matchAll(/`([\w-]+)/g)).flatMap(([, job]) =>
      Array.from(options!.matchAll(/`--([\w-]+)/g), ([, option]) => `${job} --${option}`),
    ),
  );
  const written: string[] = [];
  for (const script of scripts) {
    const { stdout } = await helpOf(script);
    for (const [, option] of stdout.matchAll(/^ {2}--([\w-]+) (?:FILE|FOLDER)\S*  /gm)) {
      if (!READ.includes(option!)) written.push(`${script.replace('.ts', '')} --${option}`);
    }
  }
  assert.equal(named.filter((one) => one !== 'feed --bus').toSorted(), written.toSorted());
  for (const [, , , readers] of rows) {
    for (const [, job, option] of readers!.matchAll(/`([\w-]+) --([\w-]+)`/g))
      assert.match((await helpOf(`${job}.ts`)).stdout, new RegExp(`^ {2}--${option} `, 'm'));
  }
});

test('a job that learns for long has vectors of 256 bits, and --no-wide, as the guide says', async () => {
  for (const script of scripts) {
    const { stdout } = await helpOf(script);
    const learns = /^ {2}--(hidden|learning-rate|learn) /m.test(stdout) || script === 'detect.ts';
    const double = script === 'binary-addition.ts'; // learns in float64, by single windows: the article's program
    assert.is(/^ {2}--no-wide /m.test(stdout), learns && !double, script);
  }
});

test('colours by surprisal, on a terminal that has them', () => {
  assert.is(paint(false)('a', 12), 'a');
  assert.is(paint(true)('\n', 12), '\n');
  const codes = [0.4, 2, 5, 8, 20].map((bits) => paint(true)('a', bits));
  assert.is(new Set(codes).size, 5);
  // oxlint-disable-next-line no-control-regex -- escapes are what is looked for
  for (const code of codes) assert.match(code, /^\u001B\[[\d;]+ma\u001B\[0m$/);
  const before = { ...process.env };
  delete process.env['NO_COLOR'];
  process.env['TERM'] = 'xterm';
  assert.is(hasColours({ isTTY: true }), true);
  assert.is(hasColours({ isTTY: false }), false);
  process.env['NO_COLOR'] = '1';
  assert.is(hasColours({ isTTY: true }), false);
  process.env['NO_COLOR'] = ''; // no-color.org: only when it is not empty
  assert.is(hasColours({ isTTY: true }), true);
  process.env['TERM'] = 'dumb';
  assert.is(hasColours({ isTTY: true }), false);
  process.env = before;
});

for (const [columns, line] of [
  [200, '12 % · 0:20 left · 1.838 nats · 40 of 350 names'],
  [47, '12 % · 0:20 left · 1.838 nats'],
  [30, '12 % · 0:20 left · 1.838 nats'],
  [29, '12 % · 0:20 left'],
  [3, '12 %'],
  [0, '12 % · 0:20 left · 1.838 nats · 40 of 350 names'], // of unknown width
] as const) {
  test(`a line of progress on a terminal of ${columns} columns has the parts that fit`, () => {
    const parts = ['12 %', '0:20 left', '1.838 nats', '40 of 350 names'];
    assert.is(progressLine(parts, { isTTY: true, columns }), line);
    assert.is(progressLine(parts, { isTTY: false, columns }), parts.join(' · '));
  });
}

test('the time left is that of the rest at the speed so far', () => {
  let now = 100;
  const left = timeLeft(0.5, () => now);
  assert.equal(left(0.5), ['50 %', '? left']);
  now = 110;
  assert.equal(left(0.75), ['75 %', '0:10 left']);
  assert.equal(left(0.501), ['50 %', '1:23:10 left']);
  assert.equal(left(1), ['100 %', '0:00 left']);
});

test('what a person reads is written by print and say, which wrap it', () => {
  const root = new URL('../../pipelines/', import.meta.url);
  const paths = (readdirSync(root, { recursive: true }) as string[])
    .filter((path) => path.endsWith('.ts') && !path.startsWith('recipes'))
    .toSorted();
  const found = paths.flatMap((path) =>
    // a text with two words in a row; what begins with spaces is a command, to be pasted as a whole
    [
      ...readFileSync(new URL(path, root), 'utf8').matchAll(
        /(?:console\.\w+|std(?:out|err)\.write)\(\s*([`'])(?! ).*?\1/gs,
      ),
    ]
      .filter(([text]) => /[a-z]{2} [a-z]/.test(text))
      .map(([text]) => `${path}: ${text}`),
  );
  assert.ok(paths.length > 100);
  assert.equal(found, []);
});

test('sentences are wrapped at words on a terminal, and are whole elsewhere', () => {
  const text = 'rxrnn names: Unknown option; --help lists the options\n\n  and more';
  const narrow = wrapped(text, { isTTY: true, columns: 30 });
  assert.is(narrow, 'rxrnn names: Unknown option;\n--help lists the options\n\n  and more');
  for (const stream of [
    { isTTY: true, columns: 80 },
    { isTTY: true, columns: 0 },
    { isTTY: false, columns: 30 },
  ])
    assert.is(wrapped(text, stream), text);
});

test('a table that grows has numbers at the right, texts at the left, and columns as wide as their titles', () => {
  const { head, row } = growingTable({ sums: 5, answer: -8, right: 2 });
  assert.equal([head, row(12, 'abc', 7)], [' sums  answer    right', '   12  abc           7']);
});

test('a curve is as wide as the terminal at most', () => {
  const { columns } = process.stdout;
  const values = Array.from({ length: 500 }, (_, i) => i % 7);
  const widest = (wide: number | undefined): number => {
    Object.assign(process.stdout, { columns: wide });
    return Math.max(
      ...curve(values)
        .split('\n')
        .map((line) => line.length),
    );
  };
  assert.equal([undefined, 0, 200, 20].map(widest), [72, 72, 72, 19]);
  Object.assign(process.stdout, { columns });
});

test.run();
