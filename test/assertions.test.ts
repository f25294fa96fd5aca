// The tests can fail: what their assertions compare, and that each test has one, by the compiler's view of all of them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { programOf, ROOT } from './support/programOf.js';

/** The files of this folder, by their paths from the root. */
const PATHS = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join('test', name));

/** What asserts: uvu, fast-check, marble tests, Playwright's wait for an element, and the compiler where types are tested. */
const ASSERTING =
  /\/uvu\/assert\/.*#|\/fast-check\/.*#assert$|\/src\/record\/marbles\.ts#|\/playwright-core\/.*#waitFor$|#holds$/;

/** Types of values that may be falsy; a flag of TypeScript for each. */
const { BooleanLike, NumberLike, StringLike, BigIntLike, Undefined, Null, Void, Any, Unknown } = ts.TypeFlags;
const PERHAPS_FALSY = BooleanLike | NumberLike | StringLike | BigIntLike | Undefined | Null | Void | Any | Unknown;

const HEAD = `import { test } from 'uvu'; import * as assert from 'uvu/assert';\n`;

/** What each check reports, a file each. */
const BAD = [
  ['a text, which uvu compares with nothing', `test('', () => assert.throws(() => {}, 'the message'));`],
  [
    'a text of a variable',
    `const text: RegExp | string = ''; test('', () => assert.throws(() => {}, text as string));`,
  ],
  ['a class, whose call is true for any error', `test('', () => assert.throws(() => {}, RangeError));`],
  ['any error', `test('', () => assert.throws(() => {}));`],
  ['a predicate that need not answer', `test('', () => assert.throws(() => {}, () => {}));`],
  ['all errors but one', `test('', () => assert.not.throws(() => {}, /one/));`],
  ['a text beside what must not throw', `test('', () => assert.not.throws(() => {}, 'one'));`],
  ['a promise, which is true', `test('', () => assert.ok(Promise.resolve(false)));`],
  ['a test without an assertion', `function help(): number { return 1; } test('', () => void help());`],
  ['a test that runs alone', `test.only('', () => assert.ok(Math.abs(1)));`],
  ['a test that is skipped everywhere', `test.skip('', () => assert.ok(Math.abs(1)));`],
] as const;

const GOOD = `
function help(): void { assert.is(Number('1'), 1); }
const each = process.platform === 'linux' ? test : test.skip;
each('', help);
test('', () => { for (const it of [1]) help(); });
test('', () => { throw new Error('reached'); });
test('', () => assert.throws(() => JSON.parse('{'), /JSON/, 'in all'));
test('', () => assert.throws(() => JSON.parse('{'), (error: unknown) => error instanceof SyntaxError));
test('', () => assert.not.throws(() => JSON.parse('{}')));`;

const badPaths = BAD.map((_, i) => join('test', `bad${i}.test.ts`));
const goodPath = join('test', 'good.test.ts');
const program = programOf(PATHS, {
  ...Object.fromEntries(BAD.map(([, text], i) => [badPaths[i]!, HEAD + text])),
  [goodPath]: HEAD + GOOD,
});
const checker = program.getTypeChecker();
const asserting = new Map<ts.Node, boolean>();

test('there are tests and assertions to check', () => {
  const calls = PATHS.flatMap(callsIn);
  assert.ok(calls.filter(addsTest).length > 1000);
  assert.ok(calls.filter((call) => assertionOf(call) === 'throws').length > 400);
});

test('each assertion can fail, and each test has one', () => assert.equal(PATHS.flatMap(offences), []));

for (const [i, [what]] of BAD.entries()) {
  test(`the check reports ${what}`, () => assert.is(offences(badPaths[i]!).length, 1));
}

test('the check reports nothing of tests that can fail', () => assert.equal(offences(goodPath), []));

test.run();

function offences(path: string): string[] {
  return callsIn(path)
    .filter((call) => comparesNothing(call) || isAlwaysTrue(call) || (addsTest(call) && !runs(call)))
    .map((call) => {
      const { line } = call.getSourceFile().getLineAndCharacterOfPosition(call.getStart());
      return `${path}:${line + 1}: ${call.getText().split('\n', 1)[0]}`;
    });
}

/** Whether `throws` accepts any error, or `not.throws` some errors. */
function comparesNothing(call: ts.CallExpression): boolean {
  const [, expected] = call.arguments;
  if (assertionOf(call) === 'not.throws') return expected !== undefined;
  if (assertionOf(call) !== 'throws') return false;
  return expected === undefined || !partsOf(checker.getTypeAtLocation(expected)).every(judges);
}

/** Whether a value of a type accepts or refuses an error: a regular expression, or a function that answers. */
function judges(type: ts.Type): boolean {
  if (type.symbol?.name === 'RegExp') return true;
  const signatures = type.getCallSignatures();
  const answers = signatures.every((signature) => (signature.getReturnType().flags & ts.TypeFlags.Void) === 0);
  return signatures.length > 0 && answers && type.getConstructSignatures().length === 0;
}

function isAlwaysTrue(call: ts.CallExpression): boolean {
  if (assertionOf(call) !== 'ok') return false;
  return partsOf(checker.getTypeAtLocation(call.arguments[0]!)).every(({ flags }) => (flags & PERHAPS_FALSY) === 0);
}

/** Whether a call is of uvu's `test`, `only` or `skip`, by whatever name. */
function addsTest({ expression, arguments: { length } }: ts.CallExpression): boolean {
  if (length !== 2) return false;
  const { symbol } = checker.getTypeAtLocation(expression);
  return /^(?:Test|only|skip)$/.test(symbol?.name) && symbol.declarations?.some(isOfUvu) === true;
}

function isOfUvu(declaration: ts.Declaration): boolean {
  return declaration.getSourceFile().fileName.endsWith('/uvu/index.d.ts');
}

/** Whether a test runs where all others do, and asserts something. */
function runs({ expression, arguments: [, body] }: ts.CallExpression): boolean {
  if (ts.isPropertyAccessExpression(expression) && /^(?:only|skip)$/.test(expression.name.text)) return false;
  return asserts(body!);
}

/** Whether code, or a function of a test file that it names, asserts or throws. */
function asserts(code: ts.Node): boolean {
  const known = asserting.get(code);
  if (known !== undefined) return known;
  asserting.set(code, false); // until the answer is known, for functions that call themselves
  const found = nodesIn(code).some(
    (node) => ts.isThrowStatement(node) || (ts.isIdentifier(node) && declarationsOf(node).some(isAsserting)),
  );
  asserting.set(code, found);
  return found;
}

function isAsserting(declaration: ts.Declaration): boolean {
  const { fileName } = declaration.getSourceFile();
  if (ASSERTING.test(`${fileName}#${ts.getNameOfDeclaration(declaration)?.getText() ?? ''}`)) return true;
  const isCode = ts.isFunctionLike(declaration) || ts.isVariableDeclaration(declaration);
  return isCode && fileName.startsWith(join(ROOT, 'test/')) && asserts(declaration);
}

function declarationsOf(name: ts.Identifier): readonly ts.Declaration[] {
  const symbol = checker.getSymbolAtLocation(name);
  if (symbol === undefined) return [];
  const named = (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
  return named.declarations ?? [];
}

/** The function of `uvu/assert` that a call calls, such as `not.throws`; empty for any other call. */
function assertionOf({ expression }: ts.CallExpression): string {
  return /^assert\.([\w.]+)$/.exec(expression.getText())?.[1] ?? '';
}

function partsOf(type: ts.Type): readonly ts.Type[] {
  return type.isUnion() ? type.types : [type];
}

function callsIn(path: string): ts.CallExpression[] {
  return nodesIn(program.getSourceFile(join(ROOT, path))!).filter(ts.isCallExpression);
}

function nodesIn(from: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  function visit(node: ts.Node): void {
    found.push(node);
    ts.forEachChild(node, visit);
  }
  visit(from);
  return found;
}
