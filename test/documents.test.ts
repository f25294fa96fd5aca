// The documents: their links, paths and commands exist, and their lines are short.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packedFiles } from './support/packedFiles.js';
import { ROOT } from './support/programOf.js';

const DOCUMENTS = [
  'README.md',
  'src/README.md',
  'src/bus/README.md',
  'pipelines/README.md',
  'pipelines/recipes/README.md',
  'data/README.md',
  'test/README.md',
  'test/bench/README.md',
  '.github/CONTRIBUTING.md',
  '.github/CHANGELOG.md',
  '.github/SECURITY.md',
  ...readdirSync(join(ROOT, 'src/guides')).map((name) => `src/guides/${name}`),
];

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly scripts: Record<string, string>;
};
const packed = packedFiles();

test('every document of the package is checked here, and so is the README', () => {
  const documents = packed.filter((path) => path.endsWith('.md'));
  assert.ok(documents.includes('README.md') && documents.length > 8);
  assert.equal(
    documents.filter((path) => !DOCUMENTS.includes(path)),
    [],
  );
});

for (const path of DOCUMENTS.filter((path) => packed.includes(path))) {
  const text = readFileSync(join(ROOT, path), 'utf8');

  test(`${path}: what it links to is in the package, and so is the heading`, () => {
    const links = Array.from(text.matchAll(/(?:\]\(|src=")(?!https?:)([^)#"]*)(?:#([^)"]*))?[)"]/g));
    for (const [link, to, anchor] of links) {
      const target = to === '' ? path : join(dirname(path), to!);
      assert.ok(
        packed.some((file) => file === target || file.startsWith(`${target}/`)),
        link,
      );
      if (anchor !== undefined) assert.ok(anchorsOf(readFileSync(join(ROOT, target), 'utf8')).includes(anchor), link);
    }
  });

  test(`${path}: what runs in a clone alone is said to`, () => {
    const sections = text
      .split(/^(?=#+ )/m)
      .filter((part) => /npx tsx (?:pipelines|test)\/|npm (?:run|ci|test)/.test(part));
    assert.equal(
      sections.filter((section) => !/\b(?:clone|repository)\b/.test(section)).map((section) => section.split('\n')[0]),
      [],
    );
  });
}

/** The anchors of a document's headings. */
function anchorsOf(text: string): string[] {
  return Array.from(text.matchAll(/^#+ (.*)$/gm), ([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

test('what says how to run a program in a project of its own says that it must be one of modules', () => {
  const telling = DOCUMENTS.filter((path) =>
    /npm i \S*rxrnn|npx tsx \w+\.ts/.test(readFileSync(join(ROOT, path), 'utf8')),
  );
  assert.equal(telling, ['README.md', 'pipelines/recipes/README.md']);
  for (const path of [...telling, 'src/guides/from-brain-js.md', 'src/guides/from-pytorch.md']) {
    assert.match(readFileSync(join(ROOT, path), 'utf8'), /npm pkg set type=module/, path);
  }
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
