// Every example of the READMEs, of the guides and of the doc comments in src is compiled and run, and must print the lines
// after its `// ->` comments, or those of the `text` block that follows it. Examples with tests run in a process of their
// own.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import * as ts from 'typescript';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { printsOf } from './support/printsOf.js';
import { programOf, ROOT } from './support/programOf.js';

/** Milliseconds within which an example must have printed everything. */
const PATIENCE = 20_000;

/** A block of code between fences. */
interface Fence {
  /** Path of the file from the root, and line of the opening fence. */
  readonly where: string;
  readonly language: string;
  readonly text: string;
}

interface Example {
  readonly where: string;
  readonly code: string;
  readonly prints: readonly string[];
}

/** Code around examples that are only a part of a program, by their first line. */
const FRAMES: Readonly<Record<string, readonly [before: string, after: string]>> = {
  'const steps$ = windows$.pipe(': [
    `import { pull, windows, sequential, linear, rnn, adam, backpropagate, clipGradNorm, crossEntropy, optimize, train,
       unroll } from 'rxrnn';
     const windows$ = pull([0, 1, 2, 0, 1, 2, 0, 1]).pipe(windows({ steps: 3 }));
     const made = () => sequential(
       { rnn: rnn({ inputSize: 3, hiddenSize: 4 }), linear: linear({ inputSize: 4, outputSize: 3 }) });
     const model = made();`,
    `const losses = (given$: typeof steps$) => {
       const losses: number[] = [];
       given$.subscribe(({ loss }) => losses.push(loss));
       return losses.join();
     };
     const composed$ = windows$.pipe(train(made(), { optimizer: adam({ learningRate: 0.003 }) }));
     console.log(losses(steps$) === losses(composed$)); // -> true`,
  ],
};

const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .map((name) => join('src', name))
  .filter((path) => path.endsWith('.ts') && path !== join('src', 'kernel', 'wasm', 'modules.ts'))
  .toSorted();
const guides = readdirSync(join(ROOT, 'src/guides')).map((name) => join('src', 'guides', name));
const files = ['README.md', 'src/bus/README.md', ...guides, ...sources].map((path) => ({
  path,
  text: readFileSync(join(ROOT, path), 'utf8'),
}));
const fences = files.flatMap(({ path, text }) => fencesOf(path, text));
const examples = examplesOf(fences);

const folder = mkdtempSync(join(tmpdir(), 'rxrnn-examples-'));
const paths = examples.map((_, i) => join(folder, `${i}.ts`));
symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
symlinkSync(join(ROOT, 'data'), join(folder, 'data'), 'junction');
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
for (const [i, { code }] of examples.entries()) writeFileSync(paths[i]!, ours(code));
const program = programOf(paths);
test.before(() => process.chdir(folder));
test.after(() => {
  process.chdir(ROOT);
  rmSync(folder, { recursive: true });
});

test(`no fence is skipped (${fences.length} fences, ${examples.length} examples)`, () => {
  const opened = files.flatMap(({ text }) => text.match(/```/g) ?? []).length;
  assert.is(2 * fences.length, opened);
  assert.ok(examples.length > 20);
  assert.ok(examples.filter(({ where }) => where.startsWith(join('src', 'guides'))).length > 3);
  assert.equal(
    fences.filter(({ where, language }) => !languagesOf(where).includes(language)).map(({ where }) => where),
    [],
  );
});

test('a block that is not marked as code does not contain code', () => {
  assert.equal(
    fences
      .filter(({ language, text }) => language !== 'ts' && /^(?:import|const) |;$/m.test(text))
      .map(({ where }) => where),
    [],
  );
});

test('each frame has its example', () => {
  assert.equal(
    Object.keys(FRAMES).filter((first) => !fences.some(({ text }) => text.startsWith(first))),
    [],
  );
});

for (const [i, { where, code, prints }] of examples.entries()) {
  test(`the example at ${where}`, async () => {
    assert.equal(diagnosticsOf(paths[i]!), []);
    if (/^test\.run\(\)/m.test(code)) return assert.ok(testsPassed(paths[i]!) > 0);
    assert.ok(prints.length > 0, 'it prints nothing to compare');
    assert.equal(await runExample(paths[i]!, prints.length), prints);
  });
}

test('the check finds examples and their output', () => {
  const text =
    '/**\n * Says.\n *\n * ```ts\n * say(1); // -> 1\n * // -> 2\n * ```\n */\n/** ```ts\n * say(3);\n * ``` */';
  assert.equal(examplesOf(fencesOf('src/say.ts', text)), [
    { where: 'src/say.ts:4', code: 'say(1); // -> 1\n// -> 2\n', prints: ['1', '2'] },
    { where: 'src/say.ts:9', code: 'say(3);\n', prints: [] },
  ]);
  assert.equal(examplesOf(fencesOf('README.md', '```ts\nsay(4);\n```\n\n```text\n4\n5\n```\n')), [
    { where: 'README.md:1', code: 'say(4);\n', prints: ['4', '5'] },
  ]);
});

test.run();

/** Finds the fences in a text, or in the doc comments of a program. */
function fencesOf(path: string, text: string): Fence[] {
  const comments = path.endsWith('.md') ? [{ index: 0, 0: text }] : [...text.matchAll(/\/\*\*.*?\*\//gs)];
  return comments.flatMap(({ index, 0: comment }) => {
    const bare = path.endsWith('.md') ? comment : comment.replaceAll(/^ *(?:\/\*)?\*+\/? ?| *\*\/$/gm, '');
    return [...bare.matchAll(/^```(\w*)\n(.*?)^```\s*$/gms)].map((fence) => {
      const line = text.slice(0, index).split('\n').length + bare.slice(0, fence.index).split('\n').length - 1;
      return { where: `${path}:${line}`, language: fence[1]!, text: fence[2]! };
    });
  });
}

/** Finds the examples in TypeScript, with the code around them; a `text` block right after one is its output. */
function examplesOf(fences: readonly Fence[]): Example[] {
  return fences.flatMap(({ where, language, text }, i) => {
    if (language !== 'ts') return [];
    const [before, after] = FRAMES[text.split('\n', 1)[0]!] ?? ['', ''];
    const code = before + text + after;
    const said = printsOf(code);
    const next = fences[i + 1];
    const shown = next?.language === 'text' ? next.text.trimEnd().split('\n') : [];
    return [{ where, code, prints: said.length > 0 ? said : shown }];
  });
}

/** The languages of fences: in comments, diagrams have none and everything else is TypeScript. */
function languagesOf(where: string): string[] {
  return where.includes('.md:') ? ['ts', 'text', 'sh'] : ['ts', ''];
}

/** Imports the sources in place of the package. */
function ours(code: string): string {
  return code.replaceAll(/'rxrnn(?:\/(\w+))?'/g, (_, entry = 'index') => `'${ROOT}/src/${entry}.js'`);
}

function diagnosticsOf(path: string): string[] {
  const file = program.getSourceFile(path);
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, '\n'),
  );
}

/** Collects the lines that an example prints, until there are as many as expected and no more follow at once. */
async function runExample(path: string, count: number): Promise<string[]> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (...values: unknown[]) => void lines.push(...format(...values).split('\n'));
  try {
    await import(pathToFileURL(path).href);
    for (const late = Date.now() + PATIENCE; lines.length < count && Date.now() < late;) await setTimeout(5);
  } finally {
    console.log = log;
  }
  return lines;
}

/** Runs the tests of an example: the number that passed, 0 if one failed. */
function testsPassed(path: string): number {
  const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', path], { encoding: 'utf8' });
  return status === 0 ? Number(/Passed:\D*(\d+)/.exec(stdout)?.[1]) : 0;
}
