// Mistakes and failures that every script answers in the same way.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkReadable } from '../../pipelines/cli/checkReadable.js';
import { checkWritable } from '../../pipelines/cli/checkWritable.js';
import { patched } from '../checkpoint/patched.js';
import { assertRefused, emptyFolder, runShell } from './runScript.js';

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

for (const [what, args, line] of [
  ['an unknown option', ['--nope'], "surprise.ts: Unknown option '--nope'; --help lists the options\n"],
  ['a value that is missing', ['--ngram'], "Option '--ngram <value>' argument missing; --help lists the options\n"],
  ['an empty number', ['--ngram', ''], 'surprise.ts: --ngram must not be empty\n'],
] as const) {
  test(`one line for ${what}`, () => assertRefused('surprise.ts', args, new RegExp(`${line.trimEnd()}\n$`)));
}

test('an argument that the script does not take is refused in one sentence', () =>
  assertRefused('srn.ts', ['extra'], /^srn\.ts: Unexpected argument 'extra'; --help lists the options\n$/));

if (existsSync('/dev/full')) {
  for (const [script, options] of [
    ['srn.ts', ''], // by console.log
    ['generate.ts', '--max-tokens 5'], // by write
  ] as const) {
    test(`${script}: a standard output that cannot be written ends the script with one line`, async () => {
      const { status, stderr } = await runShell(script, `$SCRIPT ${options} > /dev/full`);
      assert.match(stderr, /^\w+\.ts: standard output cannot be written: ENOSPC[^\n]*\n$/);
      assert.is(status, 2);
    });
  }
}

for (const [script, options] of [
  ['binary-addition.ts', '--iterations 100000000'],
  ['hello.ts', '--epochs 100000000 --json'],
  ['translate.ts', '--epochs 100000000 --hidden 4 --json'],
] as const) {
  test(`${script}: a reader that closes the pipe ends an endless run`, async () => {
    const { status, stderr } = await runShell(script, `$SCRIPT ${options} | head -1`);
    assert.is(stderr, '');
    assert.is(status, 0);
  });
}

test.run();
