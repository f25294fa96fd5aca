import { execFileSync } from 'node:child_process';
import fs, {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writeFileAtomic } from '../../src/checkpoint/writeFileAtomic.js';
import { original, patched } from './patched.js';

const test = suite<{ folder: string }>('writeFileAtomic');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'rxrnn-atomic-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

test('writes a new file and replaces an old one, and leaves nothing else', ({ folder }) => {
  const path = join(folder, 'model.safetensors');
  for (const text of ['first', 'second, longer', '']) {
    writeFileAtomic(path, Buffer.from(text));
    assert.is(readFileSync(path, 'utf8'), text);
    assert.equal(readdirSync(folder), ['model.safetensors']);
  }
});

test('writes the part of a buffer that it was given', ({ folder }) => {
  const path = join(folder, 'part');
  writeFileAtomic(path, Uint8Array.of(1, 2, 3, 4).subarray(1, 3));
  assert.equal([...readFileSync(path)], [2, 3]);
});

test('the temporary file lies beside the target under a name of its own, and is complete before the rename', ({
  folder,
}) => {
  const path = join(folder, 'model');
  const data = Buffer.alloc(100_000, 7);
  const seen: string[] = [];
  patched(
    {
      renameSync: (from: string, to: string) => {
        seen.push(from, to);
        assert.equal(readFileSync(from), data);
        original.renameSync(from, to);
      },
    },
    () => writeFileAtomic(path, data),
  );
  assert.match(seen[0]!.slice(folder.length + 1), new RegExp(`^\\.model\\.tmp-${process.pid}-\\d+$`));
  assert.is(seen[1], path);
});

test('short writes are gone on with', ({ folder }) => {
  const path = join(folder, 'model');
  const data = Uint8Array.from({ length: 1000 }, (_, i) => i);
  patched(
    {
      writeSync: (file: number, data: Uint8Array, at: number, n: number) =>
        original.writeSync(file, data, at, Math.min(n, 7)),
    },
    () => writeFileAtomic(path, data),
  );
  assert.equal([...readFileSync(path)], [...data]);
});

test('the file and then its folder reach the disk, with the rename between', ({ folder }) => {
  const calls: string[] = [];
  patched(
    {
      fsyncSync: (file: number) => {
        calls.push(fs.fstatSync(file).isDirectory() ? 'sync folder' : 'sync file');
        original.fsyncSync(file);
      },
      renameSync: (from: string, to: string) => {
        calls.push('rename');
        original.renameSync(from, to);
      },
    },
    () => writeFileAtomic(join(folder, 'model'), Buffer.from('new')),
  );
  assert.equal(calls, ['sync file', 'rename', 'sync folder']);
});

for (const name of ['openSync', 'writeSync', 'fsyncSync', 'renameSync'] as const) {
  test(`a failing ${name} leaves the old file as it was, and no other`, ({ folder }) => {
    const path = join(folder, 'model');
    writeFileSync(path, 'old');
    const failure = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    patched(
      {
        [name]: () => {
          throw failure;
        },
      },
      () =>
        assert.throws(
          () => writeFileAtomic(path, Buffer.from('new')),
          (error: Error) =>
            error.cause === failure &&
            error.message === `writeFileAtomic: ${path} could not be written: ${failure.message}`,
        ),
    );
    assert.is(readFileSync(path, 'utf8'), 'old');
    assert.equal(readdirSync(folder), ['model']);
    assert.equal(openIn(folder), []);
  });
}

test('a disk that fills up in the middle, or takes nothing, leaves the old file as it was', ({ folder }) => {
  const path = join(folder, 'model');
  writeFileSync(path, 'old');
  for (const then of [
    () => 0,
    () => {
      throw new Error('EIO: i/o error');
    },
  ]) {
    let calls = 0;
    patched(
      {
        writeSync: (file: number, data: Uint8Array, at: number) =>
          calls++ === 0 ? original.writeSync(file, data, at, 10) : then(),
      },
      () =>
        assert.throws(
          () => writeFileAtomic(path, Buffer.alloc(100)),
          /could not be written: (only 10 of 100 bytes|EIO)/,
        ),
    );
    assert.is(readFileSync(path, 'utf8'), 'old');
    assert.equal(readdirSync(folder), ['model']);
  }
});

test('a folder that is not there, and a target that is a folder, are errors that name the path', ({ folder }) => {
  const missing = join(folder, 'missing', 'model');
  assert.throws(
    () => writeFileAtomic(missing, Buffer.from('new')),
    (error: Error) => error.message.includes(`${missing} could`),
  );
  mkdirSync(join(folder, 'model'));
  assert.throws(() => writeFileAtomic(join(folder, 'model'), Buffer.from('new')), /could not be written/);
  assert.equal(readdirSync(folder), ['model']);
});

test('a link stays one, and the file that it names is written', ({ folder }) => {
  mkdirSync(join(folder, 'elsewhere'));
  writeFileSync(join(folder, 'elsewhere', 'model'), 'old');
  symlinkSync(join('elsewhere', 'model'), join(folder, 'link'));
  writeFileAtomic(join(folder, 'link'), Buffer.from('new'));
  assert.is(readlinkSync(join(folder, 'link')), join('elsewhere', 'model'));
  assert.is(readFileSync(join(folder, 'elsewhere', 'model'), 'utf8'), 'new');
});

if (process.platform !== 'win32') {
  test('a pipe is refused and stays one, as a device does', ({ folder }) => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    assert.throws(
      () => writeFileAtomic(path, Buffer.from('new')),
      /pipe could not be written: it is a device or a pipe, not a file$/,
    );
    assert.ok(fs.statSync(path).isFIFO());
    assert.equal(readdirSync(folder), ['pipe']);
  });
}

test('a temporary file that an earlier process of the same id left is passed over', ({ folder }) => {
  const path = join(folder, 'model');
  writeFileAtomic(path, Buffer.from('old'));
  let taken: string | undefined;
  patched(
    {
      openSync: (name: string, flags: string) => {
        if (taken === undefined) {
          taken = name;
          writeFileSync(name, 'left');
        }
        return original.openSync(name, flags);
      },
    },
    () => writeFileAtomic(path, Buffer.from('new')),
  );
  assert.is(readFileSync(path, 'utf8'), 'new');
  assert.is(readFileSync(taken!, 'utf8'), 'left');
});

test.run();

/** What this process has open in the folder, itself included, where the system tells; nothing elsewhere. */
function openIn(folder: string): string[] {
  if (!fs.existsSync('/proc/self/fd')) return [];
  return readdirSync('/proc/self/fd').flatMap((file) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${file}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return []; // the descriptor of this very listing
    }
  });
}
