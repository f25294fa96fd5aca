// Each recipe imports from 'rxrnn' as a user's program does, has no type error, and prints the lines after its `// ->`.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import * as ts from 'typescript';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { printsOf } from '../support/printsOf.js';
import { programOf, ROOT } from '../support/programOf.js';

const FOLDER = 'pipelines/recipes';
const names = readdirSync(join(ROOT, FOLDER)).filter((name) => name.endsWith('.ts'));
const paths = names.map((name) => `${FOLDER}/${name}`);
const program = programOf(paths);

test('there is a recipe for every open seam, and for the jobs that no script of its own shows', () => {
  const seams = ['cell', 'layer', 'loss', 'measure', 'modelFile', 'optimizer', 'resume', 'schedule', 'source'];
  const jobs = [
    'anomalies',
    'conversation',
    'forecast',
    'label',
    'logByHost',
    'nextEvent',
    'onnx',
    'ownMonitor',
    'parity',
    'server',
    'sessions',
    'streams',
  ];
  const more = ['alphabet', 'sweep', 'torch'];
  assert.equal(names.toSorted(), [...seams, ...jobs, ...more].map((name) => `${name}.ts`).toSorted());
});

test('the recipe of a job has at most 30 lines', () => {
  for (const job of ['anomalies', 'forecast', 'label', 'nextEvent', 'parity', 'onnx', 'sessions', 'streams']) {
    assert.ok(readFileSync(join(ROOT, FOLDER, `${job}.ts`), 'utf8').split('\n').length <= 31, job);
  }
});

for (const path of paths) {
  const text = readFileSync(join(ROOT, path), 'utf8');

  test(`${path}: types and output`, async () => {
    const file = program.getSourceFile(join(ROOT, path))!;
    const faults = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    assert.equal(
      faults.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
      [],
    );
    assert.ok(printsOf(text).length > 0, 'it says what it prints');
    assert.equal(await output(path), printsOf(text));
  });

  test(`${path}: begins with what it shows, and imports packages and Node only`, () => {
    assert.match(text, /^\/\/ [A-Z].*[\w.,:]\n/);
    const modules = Array.from(text.matchAll(/ from '([^']+)'/g), ([, module]) => module!);
    assert.ok(modules.includes('rxrnn'));
    assert.equal(
      modules.filter((module) => !/^(?:rxrnn(?:\/\w+)?|rxjs|fastify|node:[\w/]+)$/.test(module)),
      [],
    );
  });

  test(`the README of the recipes lists ${path}`, () => {
    assert.ok(readFileSync(join(ROOT, FOLDER, 'README.md'), 'utf8').includes(path.replace(`${FOLDER}/`, '](')));
  });
}

test.after(() => rmSync(join(ROOT, 'load.safetensors'), { force: true })); // what the recipe forecast.ts saves
test.run();

/** Runs a recipe to its end, and collects its lines. */
async function output(path: string): Promise<string[]> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (...values: unknown[]) => void lines.push(...format(...values).split('\n'));
  try {
    await import(pathToFileURL(join(ROOT, path)).href);
  } finally {
    console.log = log;
  }
  return lines;
}
