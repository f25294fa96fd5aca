// The documents: their links, paths and commands exist, and their lines are short.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT } from './support/programOf.js';

const DOCUMENTS = [
  'README.md',
  'src/README.md',
  'pipelines/README.md',
  'test/README.md',
  'test/bench/README.md',
  '.github/CONTRIBUTING.md',
  '.github/CHANGELOG.md',
  '.github/SECURITY.md',
  ...readdirSync(join(ROOT, 'src/guides')).map((name) => `src/guides/${name}`),
];

const { scripts, files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly scripts: Record<string, string>;
  readonly files: readonly string[];
};

test('what README.md links to is in the package', () => {
  const text = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const links = Array.from(text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g), ([, to]) => to!);
  assert.ok(links.length > 5);
  const packed = (path: string): boolean => files.includes(path) || files.includes(path.replace(/[^/]+(?=\.md$)/, '*'));
  assert.equal(
    links.filter((path) => !packed(path)),
    [],
  );
});

test('the package has no script that runs where it is installed', () => {
  const installing = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'];
  assert.equal(
    Object.keys(scripts).filter((name) => installing.includes(name)),
    [],
  );
  // npm runs `dependencies` in a clone only, after it has changed node_modules
  assert.is(scripts['dependencies'], 'npm run build');
  assert.is(scripts['prepack'], 'npm run build');
});

for (const path of DOCUMENTS) {
  const text = readFileSync(join(ROOT, path), 'utf8');

  test(`${path}: links and paths lead to files`, () => {
    const links = Array.from(text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g), ([, to]) => join(dirname(path), to!));
    const paths = Array.from(
      text.matchAll(/(?:^|[\s`(])((?:src|pipelines|test|data)\/[\w./-]*\w\/?)/g),
      ([, to]) => to!,
    );
    assert.equal(
      [...links, ...paths].filter((to) => !to.includes('NAME') && !existsSync(join(ROOT, to))), // a file to be written
      [],
    );
  });

  test(`${path}: commands are scripts of package.json`, () => {
    const names = Array.from(text.matchAll(/npm run ([\w:]+)/g), ([, name]) => name!);
    assert.equal(
      names.filter((name) => !Object.hasOwn(scripts, name)),
      [],
    );
  });

  test(`${path}: lines outside tables and code have at most 120 characters`, () => {
    const prose = text.replaceAll(/^```.*?^```$/gms, '').split('\n');
    assert.equal(
      prose.filter((line) => line.length > 120 && !line.startsWith('|')),
      [],
    );
  });
}

test.run();
