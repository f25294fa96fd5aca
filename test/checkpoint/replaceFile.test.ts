// Every function that writes a file, on links, permissions, planted links, temporary files and errors of the file system.
import { spawnSync } from 'node:child_process';
import fs, {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { from } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkWritable } from '../../pipelines/cli/checkWritable.js';
import { checkpointPath } from '../../src/checkpoint/checkpointFiles.js';
import { replaceFile } from '../../src/checkpoint/replaceFile.js';
import { saveCheckpoint } from '../../src/checkpoint/saveCheckpoint.js';
import { saveModel } from '../../src/checkpoint/saveModel.js';
import { writeFileAtomic } from '../../src/checkpoint/writeFileAtomic.js';
import { writeLog } from '../../src/checkpoint/writeLog.js';
import { writeRecording } from '../../src/checkpoint/writeRecording.js';
import type { Entry } from '../../src/record/recording.js';
import { recorder } from '../../src/record/recorder.js';
import { smallModel } from '../learn/support.js';
import { original, patched } from './patched.js';
import { temporaryFolder } from './runs.js';
import { snapshotOf } from './snapshots.js';

/** The number of a process that has just ended. */
const dead = spawnSync(process.execPath, ['-e', '']).pid;
const posix = process.platform !== 'win32';
const entries = Array.from({ length: 40 }, (_, i): Entry => ({ title: 'x', step: i, kind: 'N', value: i / 7 }));
const model = smallModel({});

/** A function that writes a file, synchronously, at a path of its own choice in a folder. */
interface Writer {
  readonly name: string;
  path(folder: string): string;
  write(path: string): void;
}

const writers: readonly Writer[] = [
  { name: 'saveModel', path: (folder) => join(folder, 'file'), write: (path) => saveModel(path, model) },
  {
    name: 'saveCheckpoint',
    path: (folder) => checkpointPath(folder, 7),
    write: (path) => void saveCheckpoint(dirname(path), snapshotOf(7)),
  },
  {
    name: 'writeRecording',
    path: (folder) => join(folder, 'file'),
    write(path) {
      const run = recorder();
      from('abc').pipe(run.record('letters')).subscribe();
      writeRecording(path, run.recording());
    },
  },
  {
    name: 'writeLog',
    path: (folder) => join(folder, 'file'),
    write(path) {
      let failure: unknown;
      writeLog(path, from(entries), { block: 4 }).subscribe({ error: (error: unknown) => (failure = error) });
      if (failure !== undefined) throw failure;
    },
  },
];

for (const { name, path: pathIn, write } of writers) {
  test(`${name}: a link planted under the temporary name is not followed`, () => {
    const folder = temporaryFolder();
    const victim = join(temporaryFolder(), 'victim');
    writeFileSync(victim, 'precious');
    const path = pathIn(folder);
    withLinkPlanted(folder, victim, () => write(path));
    assert.is(readFileSync(victim, 'utf8'), 'precious');
    assert.ok(statSync(path).size > 0);
    assert.is(readdirSync(folder).length, 2); // the file, and the link, which is not ours to remove
  });

  test(`${name}: what killed writers of the file left is removed, and nothing else`, () => {
    const folder = temporaryFolder();
    const path = pathIn(folder);
    const left = `.${basename(path)}.tmp-${dead}-123`;
    const others = [
      `.${basename(path)}.tmp-${process.ppid}-0`, // its process lives
      `.${basename(path)}.tmp-${process.pid}-0`, // this one, in another thread
      `.${basename(path)}.tmp-${dead}-100000000${'0'.repeat(15)}`, // of another machine
      `.${basename(path)}.tmp-${dead}-0.old`,
      `.${basename(path)}.tmp-${dead}`,
      `.other${basename(path)}.tmp-${dead}-0`,
      `${basename(path)}.tmp-${dead}-0`, // a run log, which can be read
    ];
    for (const other of [left, ...others]) writeFileSync(join(folder, other), '');
    symlinkSync('nowhere', join(folder, `.${basename(path)}.tmp-${dead}-1`));
    mkdirSync(join(folder, `.${basename(path)}.tmp-${dead}-2`));
    write(path);
    const stay = [basename(path), ...others, `.${basename(path)}.tmp-${dead}-1`, `.${basename(path)}.tmp-${dead}-2`];
    assert.equal(readdirSync(folder).toSorted(), stay.toSorted());
  });

  test(`${name}: temporary names cannot be guessed`, () => {
    const folder = temporaryFolder();
    const names = [1, 2].flatMap(() => namesOpened(folder, () => write(pathIn(folder))));
    assert.is(names.length, 2);
    const numbers = names.map((opened) => Number(/\.tmp-\d+-(\d+)$/.exec(opened)![1]));
    assert.ok(Math.abs(numbers[0]! - numbers[1]!) > 2 ** 20, numbers.join(' '));
  });

  test(`${name}: a link stays one, and what it names is written, also where nothing is there yet`, () => {
    for (const there of [true, false]) {
      const folder = temporaryFolder();
      const elsewhere = temporaryFolder();
      const path = pathIn(folder);
      if (there) writeFileSync(join(elsewhere, 'target'), 'old');
      symlinkSync('target', join(elsewhere, 'between'));
      symlinkSync(join(elsewhere, 'between'), path);
      write(path);
      assert.is(readlinkSync(path), join(elsewhere, 'between'));
      assert.ok(lstatSync(join(elsewhere, 'target')).isFile());
      assert.ok(statSync(path).size > 3);
      assert.equal([readdirSync(folder).length, readdirSync(elsewhere).toSorted()], [1, ['between', 'target']]);
    }
  });

  if (posix) {
    test(`${name}: an old file keeps its permissions, a new one has the usual`, () => {
      for (const mode of [0o600, 0o640, 0o664, 0o755]) {
        const path = pathIn(temporaryFolder());
        writeFileSync(path, 'old');
        chmodSync(path, mode);
        write(path);
        assert.is(statSync(path).mode & 0o7777, mode);
      }
      const path = pathIn(temporaryFolder());
      write(path);
      assert.is(statSync(path).mode & 0o7777, 0o666 & ~process.umask());
    });

    test(`${name}: the file and then its folder reach the disk, with the rename between`, () => {
      const calls: string[] = [];
      const fsyncSync = (file: number): void => {
        calls.push(fs.fstatSync(file).isDirectory() ? 'sync folder' : 'sync file');
        original.fsyncSync(file);
      };
      const renameSync = (a: string, b: string): void => {
        calls.push('rename');
        original.renameSync(a, b);
      };
      const path = pathIn(temporaryFolder());
      patched({ fsyncSync, renameSync }, () => write(path));
      assert.equal(calls, ['sync file', 'rename', 'sync folder']);
    });
  }

  for (const call of ['openSync', 'writeSync', 'fsyncSync', 'closeSync', 'fchmodSync', 'renameSync'] as const) {
    test(`${name}: a failing ${call} leaves the old file or the new one, whole, and no other`, () => {
      for (let n = 1, failed = true; failed; n++) {
        const folder = temporaryFolder();
        const path = pathIn(folder);
        write(path);
        const old = readFileSync(path);
        let calls = 0;
        const broken = (...args: unknown[]): unknown => {
          if (++calls === n) throw Object.assign(new Error('EIO: injected'), { code: 'EIO' });
          return (original[call] as (...all: unknown[]) => unknown)(...args);
        };
        let error: Error | undefined;
        patched({ [call]: broken }, () => {
          try {
            write(path);
          } catch (thrown) {
            error = thrown as Error;
          }
        });
        failed = calls >= n;
        if (failed) assert.match(error!.message, /EIO: injected/);
        assert.ok(failed || n > 1, `${call} is called`);
        assert.equal(readFileSync(path), old); // the new one has the same bytes
        assert.equal(readdirSync(folder), [basename(path)]);
      }
    });
  }
}

test('checkWritable: a link planted under the name of its trial is not followed', () => {
  const folder = temporaryFolder();
  const victim = join(temporaryFolder(), 'victim');
  writeFileSync(victim, 'precious');
  assert.throws(() => withLinkPlanted(folder, victim, () => checkWritable(join(folder, 'model'))), /EEXIST/);
  assert.is(readFileSync(victim, 'utf8'), 'precious');
});

test('checkWritable: names of trials cannot be guessed', () => {
  const folder = temporaryFolder();
  const names = [1, 2].flatMap(() => namesOpened(folder, () => checkWritable(join(folder, 'model'))));
  assert.is(new Set(names).size, 2);
  assert.ok(
    names.every((name) => /-\d{6,}$/.test(name)),
    names.join(' '),
  );
});

test('checkWritable: the folder that counts is that of the file which a link names', () => {
  const folder = temporaryFolder();
  const elsewhere = temporaryFolder();
  symlinkSync(join(elsewhere, 'not yet'), join(folder, 'link'));
  const opened = namesOpened(elsewhere, () => checkWritable(join(folder, 'link')));
  assert.is(opened.length, 1);
  symlinkSync(join(elsewhere, 'no', 'where'), join(folder, 'lost'));
  assert.throws(() => checkWritable(join(folder, 'lost')), /the folder .*no is missing$/);
  assert.equal(readdirSync(elsewhere), []);
});

test('what was left is found where a name was cut within a character, through a link, and once where files are many', () => {
  const folder = temporaryFolder();
  const write = (path: string): void => writeFileAtomic(path, Uint8Array.of(1));
  const opened = namesOpened(folder, () => write(join(folder, `${'a'.repeat(47)}😀.x`)));
  const name = basename(opened[0]!).replace(/-\d+$/, '').replace(/\d+$/, String(dead));
  const left = (of: string): string => join(folder, `${of}-1`);
  writeFileSync(left(name), '');
  write(join(folder, `${'a'.repeat(47)}😀.x`));
  assert.not.ok(existsSync(left(name)));

  symlinkSync(join(folder, 'target'), join(folder, 'link'));
  writeFileSync(left(`.target.tmp-${dead}`), '');
  write(join(folder, 'link'));
  assert.not.ok(existsSync(left(`.target.tmp-${dead}`)));

  for (let i = 0; i < 1100; i++) writeFileSync(join(folder, String(i)), '');
  const lists: unknown[] = [];
  const { readdirSync: list } = original;
  const counting = (...given: readonly unknown[]): unknown => {
    lists.push(given[0]);
    return (list as (...given: readonly unknown[]) => unknown)(...given);
  };
  patched({ readdirSync: counting }, () => [1, 2, 3].forEach((i) => write(join(folder, String(i)))));
  assert.equal(lists, [folder]);
});

test('a name as long as names can be is written', () => {
  const path = join(temporaryFolder(), 'x'.repeat(250));
  checkWritable(path);
  saveModel(path, model);
  assert.ok(statSync(path).isFile());
});

test('links in a circle are an error, and stay', () => {
  const folder = temporaryFolder();
  symlinkSync('b', join(folder, 'a'));
  symlinkSync('a', join(folder, 'b'));
  for (const { write } of writers.filter(({ name }) => name !== 'saveCheckpoint'))
    assert.throws(() => write(join(folder, 'a')), /ELOOP/);
  assert.throws(() => checkWritable(join(folder, 'a')), /ELOOP/);
  assert.equal(readdirSync(folder), ['a', 'b']);
});

test('names that are always taken are an error in the end', () => {
  const folder = temporaryFolder();
  const openSync = (): never => {
    throw Object.assign(new Error('EEXIST: file already exists'), { code: 'EEXIST' });
  };
  patched({ openSync }, () => assert.throws(() => replaceFile(join(folder, 'file')), /EEXIST/));
});

test('discard after commit keeps the file, and twice is as good as once', () => {
  const path = join(temporaryFolder(), 'file');
  const replacement = replaceFile(path);
  replacement.write(Uint8Array.of(1));
  replacement.commit();
  replacement.discard();
  replacement.discard();
  assert.equal([...readFileSync(path)], [1]);
});

test.run();

/** Runs with a link to a victim laid under the first name that is opened in a folder, just before it is opened. */
function withLinkPlanted(folder: string, victim: string, run: () => void): void {
  let planted = false;
  const openSync = (path: string, ...rest: [string, number?]): number => {
    if (!planted && path.startsWith(folder) && path !== folder) {
      planted = true;
      symlinkSync(victim, path);
    }
    return original.openSync(path, ...rest);
  };
  patched({ openSync }, run);
  assert.ok(planted);
}

/** The names of the files that are opened in a folder. */
function namesOpened(folder: string, run: () => void): string[] {
  const names: string[] = [];
  const openSync = (path: string, ...rest: [string, number?]): number => {
    if (path.startsWith(`${folder}/`)) names.push(basename(path));
    return original.openSync(path, ...rest);
  };
  patched({ openSync }, run);
  return names;
}
