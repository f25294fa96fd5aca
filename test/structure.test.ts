// The architecture, asserted from the files themselves: imports of each room, globals of src, places of files.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ts from 'typescript';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The rooms of src, and the rooms that each may import besides itself, `types.ts` and the type `Random`. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  check: [],
  flow: ['check'],
  kernel: ['check'],
  // The kernel's mathematics is functions of numbers alone.
  random: ['check', 'kernel/math'],
  source: ['check', 'flow'],
  token: ['check', 'flow'],
  series: ['check', 'flow'],
  layer: ['check', 'kernel'],
  // `seeded` is the default generator wherever random numbers are needed.
  model: ['check', 'layer', 'kernel', 'random'],
  learn: ['check', 'model', 'layer', 'kernel', 'flow', 'random'],
  infer: ['check', 'learn', 'model', 'layer', 'kernel', 'series', 'token', 'flow', 'random'],
  // A checkpoint taps a training run and keeps the place of its source; files of recordings and run logs are read and
  // written there too, since `record` runs in browsers.
  checkpoint: ['check', 'format', 'model', 'token', 'series', 'learn', 'flow', 'record'],
  // Bytes only, so that browsers read and write the same files.
  format: ['check', 'model', 'token', 'series'],
  record: ['check', 'flow'],
  // The page of a run: it looks at everything, and nothing looks at it.
  studio: ['check', 'flow', 'model', 'layer', 'infer', 'learn', 'token', 'random', 'record', 'checkpoint'],
  streams: ['check', 'flow'],
  onnx: ['check', 'model', 'layer', 'kernel'],
  // Lines of logs; scores are computed with the kernel's mathematics, so that they are the same on every engine.
  log: ['check', 'flow', 'kernel'],
  // Sessions and weights travel as bytes; the embedded bus is files.
  bus: ['check', 'flow', 'checkpoint', 'format', 'infer', 'learn', 'model'],
  // The same ports over a server; alone imports the client of NATS.
  jetstream: ['check', 'bus'],
};

/** Rooms with rooms inside: what each inner room may import of its own room; `''` is the files that lie in the room itself. */
const INNER_ROOMS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  kernel: {
    '': ['plain', 'wasm', 'threads', 'native'],
    math: [],
    plain: ['', 'math'],
    threads: ['', 'wasm'],
    wasm: ['', 'math', 'plain'],
    native: ['', 'wasm'],
  },
  // What runs in the browser gets messages, and shares the code that keeps the curves.
  studio: { '': [], page: [''] },
};

/** Rooms of which another may import types only. */
const TYPES_OF: Readonly<Record<string, readonly string[]>> = {
  checkpoint: ['layer', 'random'],
};

/** The top level, without dot files. */
const TOP = [
  'LICENSE',
  'README.md',
  'data',
  'package-lock.json',
  'package.json',
  'pipelines',
  'src',
  'test',
  'tsconfig.json',
];

/** The entry points of the package; each exports public names and nothing else. */
const ENTRIES = [
  'src/bus.ts',
  'src/index.browser.ts',
  'src/index.ts',
  'src/jetstream.ts',
  'src/marbles.ts',
  'src/onnx.ts',
  'src/recording.browser.ts',
  'src/recording.ts',
  'src/streams.browser.ts',
  'src/streams.ts',
  'src/studio.ts',
];

/** Modules that an entry point may re-export as a whole. */
const PASSED_ON = ['./types.js', './index.browser.js', './recording.browser.js', './streams.browser.js'];

/** Rooms whose numbers must be the same on every engine. */
const EXACT_ROOMS = /^src\/(kernel|layer|model|learn|random|log)\//;

/** Public files whose function has another name than the file: two makers of one type, each of one line. */
const SEVERAL_PUBLIC: Readonly<Record<string, readonly string[]>> = { 'flow/demand.ts': ['requested', 'unlimited'] };

/** Functions that a file has for others at most, unless it is one of the families. */
const MOST_FUNCTIONS = 3;

/** Private files named after what their functions have in common, or with many functions on one thing: kernels, checks. */
const FAMILIES = new Set(
  [
    'bus/announceModel',
    'bus/frames',
    'bus/partitionStates',
    'bus/stateRecord',
    'check/schema',
    'kernel/plain/rows',
    'kernel/plain/scan',
    'kernel/plain/tokens',
    'kernel/plain/updates',
    'learn/stages',
    'record/diagram',
    'source/csvGuard',
    'studio/page/dom',
    'studio/points',
  ].map((name) => `src/${name}.ts`),
);

/** Files that accept options without a copy: what comes with each window, and a list of groups that is copied later. */
const UNCOPIED = ['src/learn/checkRule.ts', 'src/model/checkMembers.ts', 'src/model/sequentialTape.ts'];

interface Source {
  /** Path from the root, with slashes. */
  readonly path: string;
  readonly tree: ts.SourceFile;
}

interface Import {
  readonly from: string;
  /** `node:fs`, or the path from the root of a file of ours. */
  readonly to: string;
  readonly ours: boolean;
  readonly typeOnly: boolean;
}

const sources = ['src', 'pipelines', 'test'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/^kernel[\\/]wasm[\\/](?:assembly[\\/]|modules\.ts$)/.test(name)) // AssemblyScript
    .map((name) => {
      const path = posix.join(folder, name.replaceAll('\\', '/'));
      return parseSource(path, readFileSync(join(ROOT, path), 'utf8'));
    }),
);
const inSrc = sources.filter(({ path }) => path.startsWith('src/'));

test('there are files and imports to check', () => {
  assert.ok(inSrc.length > 10, `${inSrc.length} files in src`);
  assert.ok(sources.flatMap(importsOf).length > 10);
});

test('each room of src imports only what lies below it', () => none(inSrc, roomOffences));
test('each inner room imports only what it may of its own room', () => none(inSrc, innerRoomOffences));
test('no two files import each other, types included', () => none(inSrc, mutualOffences));
test('src uses node: only in source/, checkpoint/, studio/, bus/ and jetstream/', () => none(inSrc, nodeOffences));
test('only source/ imports fast-csv, random/ seedrandom, jetstream/ NATS, and no file the internals of rxjs', () =>
  none(sources, packageOffences));
test('the entry points for browsers reach nothing of Node', () => {
  for (const path of ENTRIES.filter((path) => path.endsWith('.browser.ts'))) {
    const reached = reach(path);
    assert.ok(reached.size > 10, `${path} reaches ${reached.size} files`);
    none([...reached], reachOffences);
  }
});
test('the other entry points add only what needs Node', () => {
  const others = inSrc.filter(({ path }) => /^src\/(?:index|recording|streams)\.ts$/.test(path));
  none(others, (entry) =>
    importsOf(entry)
      .filter(({ to, typeOnly }) => !typeOnly && !to.endsWith('.browser.ts') && !to.startsWith('src/source/'))
      .filter(({ to }) => [...reach(to)].every((source) => reachOffences(source).length === 0))
      .filter(({ to }) => !asksForNode(to))
      .map(importText),
  );
});
test('imports of ours are relative and name the file with its .js ending', () => none(sources, endingOffences));
test('code that computes numbers uses no mathematics of the engine', () => none(inSrc, engineOffences));
test('src takes neither random numbers nor time from globals', () => none(inSrc, globalOffences));
test('pipelines import the public names only', () => none(sources, pipelineOffences));
test('pipelines find the data of the package by bundledFile, compiled or not', () => none(sources, dataOffences));
test('a file of src with functions has one named as the file', () => none(inSrc, nameOffences));
test('what the check of options returns is used: a copy that was read once', () => none(inSrc, droppedOffences));
test('a function called is… or are… says whether; one that refuses is called check…', () =>
  none(inSrc, whetherOffences));

test('a public file has one public function, named as the file', () => {
  const entries = inSrc.filter(({ path }) => ENTRIES.includes(path));
  assert.is(entries.length, ENTRIES.length);
  none(entries, publicOffences);
});

test('an entry point hides no name of the one for browsers that it passes on', () => {
  const namesOf = (path: string): string[] =>
    sources
      .find((source) => source.path === path)!
      .tree.statements.filter((statement) => ts.isExportDeclaration(statement))
      .flatMap(({ exportClause }) =>
        exportClause && ts.isNamedExports(exportClause) ? [...exportClause.elements] : [],
      )
      .map(({ name }) => name.text);
  for (const path of ENTRIES.filter((path) => path.endsWith('.browser.ts'))) {
    const below = new Set(namesOf(path));
    assert.ok(below.size > 0);
    assert.equal(
      namesOf(path.replace('.browser', '')).filter((name) => below.has(name)),
      [],
    );
  }
});

test('the rooms of src are the rooms of the architecture', () => {
  const rooms = new Set(inSrc.map(roomOf).filter((room) => room !== ''));
  assert.equal(
    [...rooms].filter((room) => !Object.hasOwn(ROOMS, room)),
    [],
  );
  assert.equal(
    inSrc
      .map(({ path }) => path)
      .filter((path) => /^src\/[^/]+$/.test(path))
      .toSorted(),
    [...ENTRIES, 'src/types.ts'],
  );
});

for (const [what, rooms, heading] of [
  ['rooms', ROOMS, '## Rooms'],
  ['inner rooms of kernel', INNER_ROOMS['kernel']!, '## Inside kernel'],
] as const) {
  test(`src/README.md lists the ${what} with the imports that are asserted here`, () => {
    assert.equal(mapOf(heading), rooms);
  });
}

test('the families of the large rooms in src/README.md begin with files of theirs', () => {
  const [, section] = readFileSync(join(ROOT, 'src/README.md'), 'utf8').split('## Inside the large rooms\n');
  const bullets = section!.split('\n## ')[0]!.split(/^- /m).slice(1);
  const named = bullets.flatMap((text) =>
    Array.from(text.matchAll(/`(\w+\.ts)`/g), ([, name]) => `src/${/^`(\w+)`/.exec(text)![1]}/${name}`),
  );
  assert.ok(named.length > 30, String(named));
  assert.equal(
    named.filter((path) => !inSrc.some((source) => source.path === path)),
    [],
  );
});

test('the top level contains what the architecture names and nothing else', () => {
  const names = topLevel();
  assert.equal(
    names.filter((name) => !name.startsWith('.') && !TOP.includes(name)),
    [],
  );
  assert.equal(
    TOP.filter((name) => !names.includes(name)),
    [],
  );
});

for (const [rule, offences, path, bad] of [
  ['an import upwards', roomOffences, 'src/kernel/bad.ts', `import { sequential } from '../model/sequential.js';`],
  ['an import of types upwards', roomOffences, 'src/flow/bad.ts', `import type { Model } from '../model/model.js';`],
  ['a re-export upwards', roomOffences, 'src/layer/bad.ts', `export * from '../learn/train.js';`],
  ['an import() upwards', roomOffences, 'src/layer/bad.ts', `export const late = import('../learn/train.js');`],
  ['a random value in a layer', roomOffences, 'src/layer/bad.ts', `import { seeded } from '../random/seeded.js';`],
  ['a kernel in a generator', roomOffences, 'src/random/bad.ts', `import { plain } from '../kernel/plain/plain.js';`],
  ['an import of the index', roomOffences, 'src/token/bad.ts', `import { pull } from '../index.js';`],
  ['an import out of src', roomOffences, 'src/token/bad.ts', `import { seed } from '../../test/seed.js';`],
  [
    'a value of a room known by types',
    roomOffences,
    'src/checkpoint/bad.ts',
    `import { linear } from '../layer/linear.js';`,
  ],
  ['a node: module', nodeOffences, 'src/token/bad.ts', `import type { Readable } from 'node:stream';`],
  ['a node module without node:', nodeOffences, 'src/token/bad.ts', `import { readFileSync } from 'fs';`],
  ['node: where browsers go', reachOffences, 'src/checkpoint/bad.ts', `import { readFileSync } from 'node:fs';`],
  ['a CSV parser outside source', packageOffences, 'src/token/bad.ts', `import { parse } from 'fast-csv';`],
  ['seedrandom outside random', packageOffences, 'src/layer/bad.ts', `import seedrandom from 'seedrandom';`],
  ['the internals of rxjs', packageOffences, 'test/bad.ts', `import { x } from 'rxjs/internal/x';`],
  ['a package that is not a dependency', packageOffences, 'src/flow/bad.ts', `import { x } from 'lodash';`],
  ['a missing ending', endingOffences, 'src/flow/bad.ts', `import { pull } from './pull';`],
  ['a power', engineOffences, 'src/learn/bad.ts', 'export const a = 2 ** 3;'],
  ['a power in place', engineOffences, 'src/learn/bad.ts', 'let a = 2; a **= 3;'],
  ['Math.pow', engineOffences, 'src/learn/bad.ts', 'export const a = Math.pow(2, 3);'],
  ['Math.exp by destructuring', engineOffences, 'src/model/bad.ts', 'const { exp } = Math;'],
  ['Math["tanh"]', engineOffences, 'src/kernel/bad.ts', 'export const a = Math["tanh"](1);'],
  ['Math.random', globalOffences, 'src/infer/bad.ts', 'export const a = Math.random();'],
  ['a date of now', globalOffences, 'src/source/bad.ts', 'export const a = new Date();'],
  ['Date.now', globalOffences, 'src/source/bad.ts', 'export const a = Date.now();'],
  [
    'a pipeline that reaches inside',
    pipelineOffences,
    'pipelines/bad.ts',
    `import { pull } from '../src/flow/pull.js';`,
  ],
  ['a part that imports a script', pipelineOffences, 'pipelines/cli/bad.ts', `import { a } from '../names.js';`],
  ['a path to data from a file', dataOffences, 'pipelines/bad.ts', `new URL('../data/load.csv', import.meta.url);`],
  ['a pipeline that imports a test', pipelineOffences, 'pipelines/bad.ts', `import { seed } from '../test/seed.js';`],
  ['a function of another name', nameOffences, 'src/flow/bad.ts', 'export function good(): void {}'],
  [
    'many functions in a file',
    nameOffences,
    'src/flow/bad.ts',
    ['bad', 'a', 'b', 'c'].map((name) => `export function ${name}(): void {}`).join('\n'),
  ],
  ['a default export', nameOffences, 'src/flow/bad.ts', 'export default function bad(): void {}'],
  [
    'options that are checked and read again',
    droppedOffences,
    'src/flow/bad.ts',
    `export function bad(given: object): void { options('bad', given, {}); }`,
  ],
  [
    'a question that throws',
    whetherOffences,
    'src/flow/isBad.ts',
    'export function isBad(who: string, value: unknown): asserts value is string {}',
  ],
  ['two public functions', publicOffences, 'src/index.ts', `export { bad, worse } from './flow/bad.js';`],
  ['a public function of another name', publicOffences, 'src/index.ts', `export { good } from './flow/bad.js';`],
] as const) {
  test(`the check reports ${rule}`, () => {
    assert.is(offences(parseSource(path, bad)).length > 0, true, bad);
  });
}

for (const [what, offences, path, good] of [
  ['the types of Random', roomOffences, 'src/layer/good.ts', `import type { Random } from '../random/random.js';`],
  ['types one by one', roomOffences, 'src/token/good.ts', `import { type Random } from '../random/random.js';`],
  ['a room below', roomOffences, 'src/source/good.ts', `import { pull } from '../flow/pull.js';`],
  [
    'a mention in a comment',
    engineOffences,
    'src/learn/good.ts',
    '/** Not Math.pow(2, 3), not 2 ** 3. */ // Math.exp(1)',
  ],
  ['a mention in a text', engineOffences, 'src/learn/good.ts', "export const text = 'Math.exp and 2 ** 3';"],
  ['what every engine rounds alike', engineOffences, 'src/learn/good.ts', 'export const a = Math.sqrt(Math.abs(2));'],
  [
    'what says whether',
    whetherOffences,
    'src/flow/isGood.ts',
    `export function isGood(value: unknown): value is string { return typeof value === 'string'; }
     export async function areGood(): Promise<boolean> { return true; }`,
  ],
] as const) {
  test(`the check lets ${what} pass`, () => assert.equal(offences(parseSource(path, good)), []));
}

test.run();

/** Reads a table of src/README.md: a row has a room, what it is for, and the rooms that it may import. */
function mapOf(heading: string): Record<string, string[]> {
  const [, section] = readFileSync(join(ROOT, 'src/README.md'), 'utf8').split(`${heading}\n`);
  const rows = section!.split('\n## ')[0]!.matchAll(/^\| `(\w+)\/?(?:\.ts)?` *\|[^|]*\|([^|]*)\|$/gm);
  const nameOf = (room: string): string => (room === 'kernel' && heading === '## Inside kernel' ? '' : room);
  return Object.fromEntries(
    Array.from(rows, ([, room, imports]) => [
      nameOf(room!),
      Array.from(imports!.matchAll(/`([\w/]+)`/g), ([, name]) => nameOf(name!)),
    ]),
  );
}

function none(files: readonly Source[], offences: (source: Source) => string[]): void {
  const found = files.flatMap(offences);
  assert.is(found.length, 0, `${found.length} offences:\n${found.join('\n')}`);
}

function roomOffences(source: Source): string[] {
  const room = roomOf(source);
  // Entry points may import everything; types.ts nothing.
  if (ENTRIES.includes(source.path)) return [];
  return importsOf(source)
    .filter(({ to, ours, typeOnly }) => {
      if (!ours || to === 'src/types.ts') return false;
      if (!to.startsWith('src/')) return true;
      if (typeOnly && to === 'src/random/random.ts') return false;
      const other = roomOf({ path: to });
      if (other === '') return true;
      const allowed = [room, ...(ROOMS[room] ?? []), ...(typeOnly ? (TYPES_OF[room] ?? []) : [])];
      return !allowed.includes(other) && !allowed.includes(`${other}/${innerRoomOf({ path: to })}`);
    })
    .map(importText);
}

function innerRoomOffences(source: Source): string[] {
  const inner = INNER_ROOMS[roomOf(source)];
  if (!inner) return [];
  const room = innerRoomOf(source);
  return importsOf(source)
    .filter(({ to, ours }) => ours && roomOf({ path: to }) === roomOf(source))
    .filter(({ to }) => ![room, ...(inner[room] ?? [])].includes(innerRoomOf({ path: to })))
    .map(importText);
}

/** Reports files that import this one and are imported by it. */
function mutualOffences(source: Source): string[] {
  return importsOf(source)
    .filter(
      ({ to }) =>
        to !== source.path && importsOf(sources.find(({ path }) => path === to)).some(({ to }) => to === source.path),
    )
    .map(importText);
}

function nodeOffences(source: Source): string[] {
  if (['source', 'checkpoint', 'studio', 'bus', 'jetstream'].includes(roomOf(source))) return [];
  return importsOf(source)
    .filter(
      ({ to, ours }) =>
        !ours && (to.startsWith('node:') || /^(fs|path|os|stream|util|crypto|events|buffer)(\/|$)/.test(to)),
    )
    .map(importText);
}

/** Reports imports of Node at run time, in any room. */
function reachOffences(source: Source): string[] {
  return importsOf(source)
    .filter(({ to, typeOnly }) => !typeOnly && (to.startsWith('node:') || to === 'fast-csv'))
    .map(importText);
}

/** Whether a file asks at run time for modules of Node, without an import. */
function asksForNode(path: string): boolean {
  const source = inSrc.find((source) => source.path === path);
  return importsOf(source).some(({ to }) => to === 'src/kernel/nodeModule.ts');
}

/** Collects a file of src with all that it imports at run time, directly and indirectly. */
function reach(path: string, found: Set<Source> = new Set()): Set<Source> {
  const source = inSrc.find((source) => source.path === path);
  if (source === undefined || found.has(source)) return found;
  found.add(source);
  for (const { to, typeOnly } of importsOf(source)) if (!typeOnly) reach(to, found);
  return found;
}

function packageOffences(source: Source): string[] {
  const { path } = source;
  return importsOf(source)
    .filter(({ to, ours }) => {
      if (ours || to.startsWith('node:')) return false;
      if (to.startsWith('rxjs/internal')) return true;
      if (!path.startsWith('src/') || to === 'rxjs') return false;
      if (to === 'fast-csv') return roomOf(source) !== 'source';
      if (to.startsWith('seedrandom')) return roomOf(source) !== 'random';
      if (to.startsWith('@nats-io/')) return roomOf(source) !== 'jetstream';
      if (to === 'uplot') return !path.startsWith('src/studio/page/');
      // Recordings compare by uvu's assertions, and its marbles run on the test scheduler of rxjs.
      return !(roomOf(source) === 'record' && ['rxjs/testing', 'uvu', 'uvu/assert'].includes(to));
    })
    .map(importText);
}

function endingOffences(source: Source): string[] {
  return specifiers(source)
    .filter(({ text }) => text.startsWith('.') && !/\.(js|json)$/.test(text))
    .map(({ text }) => `${source.path} imports ${text}`);
}

function engineOffences(source: Source): string[] {
  if (!EXACT_ROOMS.test(source.path)) return [];
  const powers = [ts.SyntaxKind.AsteriskAsteriskToken, ts.SyntaxKind.AsteriskAsteriskEqualsToken];
  const allowed =
    'abs ceil clz32 floor fround imul max min round sign sqrt trunc E LN10 LN2 LOG2E PI SQRT1_2 SQRT2'.split(' ');
  return nodes(source)
    .filter((node) => powers.includes(node.kind) || (isGlobal(node, 'Math') && !allowed.includes(memberOf(node))))
    .map((node) => at(source, node));
}

function globalOffences(source: Source): string[] {
  return nodes(source)
    .filter((node) => (isGlobal(node, 'Math') && memberOf(node) === 'random') || isClock(node))
    .map((node) => at(source, node));

  /** Whether a node reads the clock: `Date.now` and `new Date()`, but not a date made from a number. */
  function isClock(node: ts.Node): boolean {
    if (!isGlobal(node, 'Date')) return false;
    const { parent } = node;
    return memberOf(node) === 'now' || (ts.isNewExpression(parent) && (parent.arguments?.length ?? 0) === 0);
  }
}

/** Reports paths to data that hold only where the sources are; `makeLoad.ts` writes there. */
function dataOffences({ path, tree }: Source): string[] {
  if (!path.startsWith('pipelines/') || path === 'pipelines/data/makeLoad.ts') return [];
  return nodes({ path, tree })
    .filter((node) => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node))
    .filter((node) => /^['"`](?:\.\.\/)+data\//.test(node.getText()) && !isModuleName(node))
    .map((node) => at({ path, tree }, node));
}

/** Whether a text names a module after `from`. */
function isModuleName({ parent }: ts.Node): boolean {
  return ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent);
}

function pipelineOffences(source: Source): string[] {
  if (!source.path.startsWith('pipelines/')) return [];
  const script = /^pipelines\/[^/]+\.ts$/;
  return importsOf(source)
    .filter(({ to, ours }) => ours && !ENTRIES.includes(to) && (!to.startsWith('pipelines/') || script.test(to)))
    .map(importText);
}

function nameOffences(source: Source): string[] {
  const name = basename(source.path, '.ts');
  const exported = source.tree.statements.filter((statement) => hasModifier(statement, ts.SyntaxKind.ExportKeyword));
  const found = exported
    .filter((statement) => hasModifier(statement, ts.SyntaxKind.DefaultKeyword))
    .map((statement) => `${at(source, statement)}: a default export`);
  const functions = exported.filter(ts.isFunctionDeclaration).map((statement) => statement.name?.text);
  if (functions.length > 0 && !functions.includes(name) && !FAMILIES.has(source.path)) {
    const several = SEVERAL_PUBLIC[source.path.replace('src/', '')] ?? [];
    const others = functions.filter((name) => !several.includes(name ?? ''));
    if (others.length > 0) found.push(`${source.path} has ${others.join(', ')}, but no ${name}`);
  }
  const count = new Set(functions).size; // overloads are one
  if (count > MOST_FUNCTIONS && !FAMILIES.has(source.path)) {
    found.push(`${source.path} has ${count} functions for others, at most ${MOST_FUNCTIONS} are allowed`);
  }
  return found;
}

/** Reports calls of `options` of src/check whose copy is dropped. */
function droppedOffences(source: Source): string[] {
  if (UNCOPIED.includes(source.path)) return [];
  return nodes(source)
    .filter(ts.isExpressionStatement)
    .filter(({ expression }) => ts.isCallExpression(expression) && /^(?:checkO|o)ptions$/.test(calleeOf(expression)))
    .map((statement) => at(source, statement));
}

function calleeOf({ expression }: ts.CallExpression): string {
  return ts.isIdentifier(expression) ? expression.text : '';
}

/** Reports functions that are named as questions and do not answer by a boolean. */
function whetherOffences(source: Source): string[] {
  return nodes(source)
    .filter(ts.isFunctionDeclaration)
    .filter(({ name }) => /^(?:is|are)[A-Z]/.test(name?.text ?? ''))
    .filter(({ type }) => !/^(?:boolean|Promise<boolean>|\w+ is [^]+)$/.test(type?.getText() ?? ''))
    .map(({ name }) => at(source, name!));
}

/** Reports exports of an index that are not one function per file; types do not count. */
function publicOffences(index: Source): string[] {
  return index.tree.statements.filter(ts.isExportDeclaration).flatMap((statement) => {
    const { moduleSpecifier, exportClause, isTypeOnly } = statement;
    if (isTypeOnly || moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return [];
    if (exportClause === undefined) return PASSED_ON.includes(moduleSpecifier.text) ? [] : [at(index, statement)];
    if (!ts.isNamedExports(exportClause)) return [at(index, statement)];
    const values = exportClause.elements.filter((element) => !element.isTypeOnly).map(({ name }) => name.text);
    const path = moduleSpecifier.text.replace('./', '').replace(/\.js$/, '.ts');
    const expected = SEVERAL_PUBLIC[path] ?? [basename(path, '.ts')];
    return values.every((name) => expected.includes(name)) ? [] : [`${path} gives ${values.join(', ')} to the index`];
  });
}

function parseSource(path: string, text: string): Source {
  return { path, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true) };
}

/** The room of a file: its folder in src; empty for src itself. */
function roomOf({ path }: Pick<Source, 'path'>): string {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? '';
}

/** The inner room of a file: its folder in the room; empty for the room itself. */
function innerRoomOf({ path }: Pick<Source, 'path'>): string {
  return /^src\/[^/]+\/([^/]+)\//.exec(path)?.[1] ?? '';
}

function importsOf(source: Source | undefined): Import[] {
  if (!source) return [];
  return specifiers(source).map(({ text, typeOnly }) => {
    const ours = text.startsWith('.');
    const to = ours ? posix.join(posix.dirname(source.path), text).replace(/\.js$/, '.ts') : text;
    return { from: source.path, to, ours, typeOnly };
  });
}

/** The module names after `from` and in `import(…)`, including those of types `import('…').X`. */
function specifiers(source: Source): { text: string; typeOnly: boolean }[] {
  return nodes(source).flatMap((node) => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      return [{ text: node.moduleSpecifier.text, typeOnly: onlyTypes(node.importClause) }];
    }
    if (
      ts.isExportDeclaration(node) &&
      node.moduleSpecifier !== undefined &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      return [{ text: node.moduleSpecifier.text, typeOnly: node.isTypeOnly }];
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
      return [{ text: node.argument.literal.text, typeOnly: true }];
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument !== undefined && ts.isStringLiteralLike(argument)) return [{ text: argument.text, typeOnly: false }];
    }
    return [];
  });
}

function onlyTypes(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const { name, namedBindings } = clause;
  if (name !== undefined || namedBindings === undefined || !ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.every((element) => element.isTypeOnly);
}

function nodes(source: Source): ts.Node[] {
  const found: ts.Node[] = [];
  function visit(node: ts.Node): void {
    found.push(node);
    ts.forEachChild(node, visit);
  }
  visit(source.tree);
  return found;
}

/** Whether a name refers to a global, rather than to a member or a property of that name. */
function isGlobal(node: ts.Node, name: string): boolean {
  if (!ts.isIdentifier(node) || node.text !== name || ts.isTypeReferenceNode(node.parent)) return false;
  return !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node);
}

/** The member that is used of a global: `exp` in `Math.exp` and `Math['exp']`; empty for any other use. */
function memberOf(node: ts.Node): string {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.expression === node) return parent.name.text;
  if (
    ts.isElementAccessExpression(parent) &&
    parent.expression === node &&
    ts.isStringLiteralLike(parent.argumentExpression)
  ) {
    return parent.argumentExpression.text;
  }
  return '';
}

function hasModifier(statement: ts.Statement, kind: ts.SyntaxKind): boolean {
  return (
    ts.canHaveModifiers(statement) && (ts.getModifiers(statement)?.some((modifier) => modifier.kind === kind) ?? false)
  );
}

function at({ path, tree }: Source, node: ts.Node): string {
  const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
  return `${path}:${line + 1}: ${node.parent.getText().split('\n', 1)[0]}`;
}

function importText({ from, to, typeOnly }: Import): string {
  return `${from} imports ${typeOnly ? 'types of ' : ''}${to}`;
}

/** The names at the top that git tracks or would track; without git, those that no tool generates. */
function topLevel(): string[] {
  try {
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const names = listed.split('\0').map((path) => path.split('/')[0]!);
    return [...new Set(names)].filter((name) => name !== '');
  } catch {
    return readdirSync(ROOT).filter((name) => !['node_modules', 'dist', 'coverage'].includes(name));
  }
}
