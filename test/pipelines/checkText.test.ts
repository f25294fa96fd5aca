// Files that are not text in UTF-8 are refused by every job before it learns, with the way to read them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { from } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkText } from '../../pipelines/cli/checkText.js';
import { checkTextLines } from '../../pipelines/cli/checkTextLines.js';
import { assertRefused, emptyFolder, runShell } from './runScript.js';

const folder = emptyFolder();
function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}
const table = `timestamp,value\n${Array.from({ length: 90 }, (_, i) => `2024-01-01 ${10 + (i % 10)}:00,${i % 7}\n`).join('')}`;
const utf16 = (text: string, isBig = false): Buffer => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return isBig ? bytes.swap16() : bytes;
};
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const zipped = file('a.csv.gz', gzipSync(table));

for (const [name, content, message] of [
  ['a.gz', gzipSync(table), /a\.gz is compressed by gzip; unpack or convert it first: gunzip -c \S+a\.gz > FILE$/],
  ['a.zst', bytes('\x28\xb5\x2f\xfd\x04\x58\x91'), /a\.zst is compressed by zstd; .*: zstd -dc /],
  ['a.xz', bytes('\xfd7zXZ\0\0\x04'), /is compressed by xz/],
  ['a.bz2', bytes('BZh91AY&SY\x8a\xd1'), /is compressed by bzip2/],
  ['a.zip', bytes('PK\x03\x04\x14\0\0\0\x08\0a.csv'), /is a ZIP archive; .*unzip -p/],
  ['a.xlsx', bytes(`PK\x03\x04\x14\0\x06\0${'\0'.repeat(22)}[Content_Types].xml`), /is a workbook.*: save its sheet as CSV UTF-8$/], // prettier-ignore
  ['a.xls', bytes('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0'), /is a file of an older Excel: save its sheet/],
  ['a.parquet', bytes('PAR1\x15\x04\x15\x80'), /is a Parquet file: write it as CSV first$/],
  ['le.csv', utf16(table), /is UTF-16; .*: iconv -f UTF-16 -t UTF-8 .* > FILE, or in Excel save it as CSV UTF-8$/],
  ['be.csv', utf16(table, true), /is UTF-16/],
  ['cyrillic.csv', utf16('дата\tзначение\n1\t2\n'), /is UTF-16/],
  ['noise', Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 97) % 256)), /is not text, or not in UTF-8$/],
] as const) {
  test(`refused: ${name}`, () => {
    const path = file(name, content);
    assert.throws(() => checkText(path), message);
  });
}

for (const [what, content] of [
  ['an empty file', ''],
  ['a character that the 4096th byte cuts', `${'a'.repeat(4095)}é`],
  ['accents, scripts and emoji', 'naïve,日本,🙂\n'.repeat(99)],
  ['a byte order mark', `\ufeff${table}`],
  ['colours of a terminal', '\u001b[31mred\u001b[0m\n'],
  ['a few controls', `\0\u0001\n${table}`],
] as const) {
  test(`taken for text: ${what}`, () => assert.not.throws(() => checkText(file('text', content))));
}

test('a device and a folder are refused, a pipe where it will do', () => {
  assert.throws(() => checkText('/dev/null'), /is a device or a pipe/);
  assert.throws(() => checkText(folder, { pipes: true }), /is a directory/);
  checkText('/dev/null', { pipes: true });
});

const first = 'is compressed by gzip; unpack or convert it first: gunzip -c ';
for (const [script, args, message] of [
  ['classify.ts', ['--data', zipped], first],
  ['translate.ts', ['--data', zipped], first],
  ['events.ts', ['--train', zipped, '--scan', zipped], first],
  ['events.ts', ['--next', '--data', zipped], first],
  ['charlm.ts', ['--data', zipped], first],
  ['studio.ts', ['--data', zipped], first],
  ['forecast.ts', ['--data', zipped], `is compressed by gzip: gunzip -c ${zipped} | `],
  ['names.ts', ['--data', zipped], `is compressed by gzip: gunzip -c ${zipped} | `],
  ['detect.ts', [zipped], `is compressed by gzip: gunzip -c ${zipped} | `],
  ['feed.ts', [zipped, '--bus', join(folder, 'bus')], `is compressed by gzip: gunzip -c ${zipped} | `],
] as const) {
  test(`${script} ${args[0]} says what a packed file is`, () => {
    const escaped = message.replaceAll(/[.|]/g, String.raw`\$&`);
    return assertRefused(script, args, new RegExp(`a\\.csv\\.gz ${escaped}`));
  });
}

for (const [script, job, model] of [
  ['classify.ts', '--data $F/kinds.csv --hidden 2 --epochs 1', '--model m'],
  ['translate.ts', '--data $F/words.csv --hidden 2 --epochs 1', '--model m'],
  ['events.ts', '--train $F/days', '--model m --scan /dev/stdin'],
] as const) {
  test(`${script} says what standard input is that is not text, and reads a pipe`, async () => {
    writeFileSync(join(folder, 'kinds.csv'), `text,label\n${'a,x\nb,y\n'.repeat(20)}`);
    writeFileSync(join(folder, 'words.csv'), 'source,target\nab,ba\ncd,dc\n');
    writeFileSync(join(folder, 'days'), 'a b\n'.repeat(8));
    writeFileSync(join(folder, 'wide'), utf16('one\ntwo\n'));
    const learn = `F=${folder}; eval "$SCRIPT ${job} --out m" </dev/null >/dev/null 2>&1`;
    const use = `$SCRIPT ${model} --json`;
    const pipes = `cat ${zipped} | ${use}; echo $?; cat $F/wide | ${use}; echo $?; printf 'a b\\n' | ${use}`;
    const { stdout, stderr } = await runShell(script, `${learn}; ${pipes}`);
    const [packed, wide, text] = stdout.trimEnd().split('\n');
    assert.equal([packed, wide], ['2', '2']);
    assert.ok(JSON.parse(text!));
    if (script === 'events.ts') return assert.match(stderr, /invalid UTF-8 at byte 1.*gunzip -c unpacks/);
    assert.match(stderr, /: standard input is compressed by gzip: gunzip -c FILE \| … reads it\n/);
    assert.match(stderr, /: standard input is UTF-16: iconv -f UTF-16 -t UTF-8 FILE \| … reads it\n/);
  });
}

test('a folder as standard input is refused', async () => {
  for (const [script, options] of [
    ['detect.ts', '--json'],
    ['surprise.ts', '--learn'],
  ] as const) {
    const { status, stdout, stderr } = await runShell(script, `$SCRIPT ${options} </`);
    assert.equal([status, stdout], [2, '']);
    assert.match(stderr, /: stdin: is a directory, expected a file, a pipe or a terminal\n$/);
  }
});

test('the advice works, and bytes on standard input that are not UTF-8 get some, too', async () => {
  const line = `gunzip -c ${zipped} | $SCRIPT --json | wc -l; cat ${zipped} | $SCRIPT`;
  const { stdout, stderr } = await runShell('detect.ts', line);
  assert.match(stdout, /^\s*90\n/);
  assert.match(stderr, /invalid UTF-8 at byte 1; expected text in UTF-8: gunzip -c unpacks, iconv/);
});

test('of many short lines each is looked at once, whatever came before', () => {
  const { from: listOf } = Array;
  let looked = 0;
  Array.from = ((...given: Parameters<typeof listOf>) => {
    looked += typeof given[0] === 'string' ? given[0].length : 0;
    return listOf(...given);
  }) as typeof listOf;
  try {
    from('a'.repeat(3000)).pipe(checkTextLines('it')).subscribe();
  } finally {
    Array.from = listOf;
  }
  assert.ok(looked < 3000, `${looked} characters`);
});

test('bytes behind lines of text are found', () => {
  const lines = [...'a'.repeat(100), 'b', '\0\x01\x02'.repeat(20), 'c'];
  const passed: string[] = [];
  let message = '';
  from(lines)
    .pipe(checkTextLines('it'))
    .subscribe({ next: (line) => passed.push(line), error: (error: Error) => (message = error.message) });
  assert.is(passed.length, 101);
  assert.match(message, /^it /);
});

test.run();
