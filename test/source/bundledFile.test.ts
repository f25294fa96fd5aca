import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bundledFile } from '../../src/index.js';
import { ROOT } from '../support/programOf.js';

const names = readdirSync(join(ROOT, 'data'), { recursive: true, encoding: 'utf8' }).filter(
  (name) => statSync(join(ROOT, 'data', name)).isFile() && name !== 'README.md',
);

test('finds every file of data/, from any folder', () => {
  assert.ok(names.length > 5);
  const before = process.cwd();
  process.chdir('/');
  try {
    for (const name of names) assert.is(bundledFile(name), join(ROOT, 'data', name));
  } finally {
    process.chdir(before);
  }
});

test('refuses other names, folders and ways out of data/, and lists what there is', () => {
  for (const name of ['', 'README.md', 'none.csv', 'models', '../package.json', join(ROOT, 'package.json')]) {
    assert.throws(() => bundledFile(name), /^bundledFile: there is no .*; there are dinosaurs.csv, /);
  }
  assert.throws(
    () => bundledFile('\u001B[2J'),
    (error: Error) => !error.message.includes('\u001B'),
  );
});

test('what is in data/ is published', () => {
  const { files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly files: string[] };
  assert.ok(files.includes('data'));
});

test.run();
