// Every public operator, source, optimizer and layer has a row in a table of tests. The names are read from the
// declarations, so that a new one without a row fails here by name.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ts from 'typescript';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const ENTRIES = [
  'bus',
  'index',
  'index.browser',
  'jetstream',
  'marbles',
  'recording',
  'recording.browser',
  'studio',
  'streams',
  'streams.browser',
  'onnx',
].map((name) => `src/${name}.ts`);

/** Kinds of public functions by what they return; a sink or a signal is an observable without values. */
type Kind = 'operator' | 'source' | 'signal' | 'optimizer' | 'layer' | 'other';

/** What waits for a bus, and so does not run in virtual time: it has a test file of its own. */
const OF_A_BUS = ['toBus', 'runPartitions'];

/** The tables, and the kind of their rows. */
const TABLES = { operatorTable: 'operator', sourceTable: 'source' } as const;

const tests = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => join('test', path));
const publicNames = ENTRIES.flatMap((path) => exportedBy(parseSource(path)));
const rows = tests.flatMap((path) => rowsOf(parseSource(path)));

for (const kind of ['operator', 'source'] as const) {
  const names = namesOf(kind).filter((name) => !OF_A_BUS.includes(name));
  const held = rows.filter((row) => row.kind === kind).map(({ name }) => name);

  test(`every public ${kind} has a row in a table (${names.length})`, () => {
    assert.ok(names.length > 5);
    assert.equal(
      names.filter((name) => !held.includes(name)),
      [],
    );
  });
  test(`every row is of a public ${kind}`, () => {
    assert.equal(
      held.filter((name) => !names.includes(name)),
      [],
    );
  });
}

test('each observable without values, and each that waits for a bus, has a test file of its own', () => {
  const files = tests.map((path) => path.split('/').at(-1));
  assert.equal(
    [...namesOf('signal'), ...OF_A_BUS].filter((name) => !files.includes(`${name}.test.ts`)),
    [],
  );
  assert.equal(namesOf('signal').toSorted(), ['closed', 'write', 'writeLog']);
});

test('every public optimizer has a row beside its formula, and where it is continued, maximizes and is averaged', () => {
  const names = namesOf('optimizer').filter((name) => name !== 'optimizer'); // what makes them all
  assert.ok(names.length >= 5);
  for (const [path, table] of [
    ['test/learn/optimizerRules.test.ts', 'cases'],
    ['test/learn/optimizers.test.ts', 'continued'],
    ['test/learn/optimizerMakers.ts', 'optimizerMakers'], // of averaged.test.ts too
  ] as const) {
    assert.equal([...new Set(keysOf(path, table))].toSorted(), names.toSorted(), path);
  }
});

const layerNames = namesOf('layer').filter((name) => name !== 'recurrent'); // what makes layers of cells of your own

test('every public layer can be built from a file', () => {
  assert.ok(layerNames.length >= 10);
  assert.equal(keysOf('src/model/buildModel.ts', 'LAYERS').toSorted(), layerNames.toSorted());
});

test('every public layer is made where gradients are held against central differences', () => {
  const [layer, learn] = [
    [
      'adaptiveSoftmax.test.ts',
      'autoregression.test.ts',
      'gradients.test.ts',
      'dropout.test.ts',
      'embedColumn.test.ts',
      'ngramEmbedding.test.ts',
      'summary.test.ts',
      'support.ts',
    ],
    ['gradients.test.ts'],
  ];
  const files = [
    'test/model/attention.test.ts',
    ...layer.map((name) => `test/layer/${name}`),
    ...learn.map((name) => `test/learn/${name}`),
  ];
  const text = files.map((path) => readFileSync(join(ROOT, path), 'utf8').replaceAll(/^import .*$/gm, '')).join('\n');
  assert.equal(
    layerNames.filter((name) => !new RegExp(`\\b${name}\\(|[{,]\\s+${name}[, ]`).test(text)),
    [],
  );
});

const sample = ts.createSourceFile(
  'sample.ts',
  `export function twice(): OperatorFunction<number, number>;
   export function twice(n = 2): MonoTypeOperatorFunction<number> {}
   export interface Tap { record<T>(title: string): MonoTypeOperatorFunction<T>; readonly values$: Observable<T> }
   export function numbers(): Observable<number> {}
   export function lost(): Observable<never> {}
   export function descent(): Optimizer {}
   export function dense(): Layer {}
   export function plain(): number {}`,
  ts.ScriptTarget.ESNext,
  true,
);
for (const [name, kinds] of [
  ['twice', ['operator']],
  ['Tap', ['operator']],
  ['numbers', ['source']],
  ['lost', ['signal']],
  ['descent', ['optimizer']],
  ['dense', ['layer']],
  ['plain', ['other']],
] as const) {
  test(`${name} is recognized as of kind ${kinds[0]}`, () => {
    assert.equal([...new Set(kindsOf(sample, name).map(({ kind }) => kind))], kinds);
  });
}

test.run();

function namesOf(kind: Kind): string[] {
  return [...new Set(publicNames.filter((it) => it.kind === kind).map(({ name }) => name))];
}

interface Named {
  readonly name: string;
  readonly kind: Kind;
}

/** Lists the names that an entry point exports, from the files that declare them. */
function exportedBy(entry: ts.SourceFile): Named[] {
  return entry.statements.filter(ts.isExportDeclaration).flatMap(({ moduleSpecifier, exportClause }) => {
    if (!exportClause || !ts.isNamedExports(exportClause) || !moduleSpecifier) return [];
    const source = parseSource(join('src', (moduleSpecifier as ts.StringLiteral).text.replace(/\.js$/, '.ts')));
    return exportClause.elements.flatMap(({ name }) => kindsOf(source, name.text));
  });
}

/** Finds a function, or the methods of an interface, and the kind of what they return. */
function kindsOf(source: ts.SourceFile, name: string): Named[] {
  return source.statements.flatMap((statement): Named[] => {
    if (ts.isFunctionDeclaration(statement) && statement.name?.text === name) {
      return [{ name, kind: kindOf(statement.type) }];
    }
    if (!ts.isInterfaceDeclaration(statement) || statement.name.text !== name) return [];
    return statement.members
      .filter(ts.isMethodSignature)
      .map((method) => ({ name: method.name.getText(), kind: kindOf(method.type) }));
  });
}

function kindOf(type: ts.TypeNode | undefined): Kind {
  if (!type || !ts.isTypeReferenceNode(type)) return 'other';
  const name = type.typeName.getText();
  if (name === 'OperatorFunction' || name === 'MonoTypeOperatorFunction') return 'operator';
  if (name === 'Optimizer') return 'optimizer';
  if (name === 'Layer') return 'layer';
  if (name !== 'Observable') return 'other';
  return /^(never|void)$/.test(type.typeArguments![0]!.getText()) ? 'signal' : 'source';
}

/** Finds the rows of the tables in a test file; `'concatMapBounded, one to many'` is a row of `concatMapBounded`. */
function rowsOf(source: ts.SourceFile): Named[] {
  const found: Named[] = [];
  function visit(node: ts.Node): void {
    ts.forEachChild(node, visit);
    if (!ts.isCallExpression(node)) return;
    const kind = Object.entries(TABLES).find(([table]) => table === node.expression.getText())?.[1];
    const [table] = node.arguments;
    if (kind === undefined || table === undefined || !ts.isObjectLiteralExpression(table)) return;
    for (const property of table.properties) {
      const name = (property.name as ts.Identifier | ts.StringLiteral).text.split(',')[0]!;
      assert.match(source.text, new RegExp(`\\b${name}[(<]`), `${source.fileName} has a row of ${name} without it`);
      found.push({ name, kind });
    }
  }
  visit(source);
  return found;
}

/** Lists the keys of the object that a file declares as `constant`; `'sgd, momentum'` is a row of `sgd`. */
function keysOf(path: string, constant: string): string[] {
  const found = parseSource(path)
    .statements.filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .find(({ name }) => name.getText() === constant)?.initializer;
  assert.ok(found && ts.isObjectLiteralExpression(found), `${path} has a table ${constant}`);
  return found.properties.map(({ name }) => (name as ts.Identifier | ts.StringLiteral).text.split(',')[0]!);
}

function parseSource(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(join(ROOT, path), 'utf8'), ts.ScriptTarget.ESNext, true);
}
