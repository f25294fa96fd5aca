// The table of the module's interface: what the build refuses, and that the kernel's own functions are those of the table.
import { readFileSync } from 'node:fs';
import * as ts from 'typescript';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { partitionCall, sharedNames, worthSharing } from '../../../src/kernel/threads/partitionCall.js';
import { type Definition, definitions } from '../../../src/kernel/wasm/interface.js';

interface Signatures {
  signaturesIn(text: string): [name: string, signature: string][];
  disagreements(table: object, signatures: ReadonlyMap<string, string>, exported: readonly string[]): string[];
}

const SOURCE = new URL('../../../src/kernel/', import.meta.url);
const { signaturesIn, disagreements } = (await import(
  new URL('wasm/assembly/signatures.mjs', SOURCE).href
)) as Signatures;

const TEXT = `
export function zero(y: usize, length: i32): void {
}
export function norm(
  x: usize,
  length: i32,
): f64 {
}`;
const TABLE: Readonly<Record<string, Definition>> = {
  zero: { parameters: { y: 'numbers', length: 'count' }, replayed: true },
  norm: { parameters: { x: 'numbers', length: 'count' }, result: 'f64' },
};

function refusals(change: Partial<typeof TABLE>, exported: readonly string[] = ['zero', 'norm']): string {
  return disagreements({ ...TABLE, ...change }, new Map(signaturesIn(TEXT)), exported).join('\n');
}

test('a table that agrees with the AssemblyScript passes', () => assert.is(refusals({}), ''));

for (const [what, change, message] of [
  ['a missing parameter', { zero: { parameters: { y: 'numbers' } } }, /zero: the table has zero\(y: usize\): void, as/],
  ['another order', { zero: { parameters: { length: 'count', y: 'numbers' } } }, /zero: the table has/],
  ['another name', { zero: { parameters: { x: 'numbers', length: 'count' } } }, /zero: the table has zero\(x: usize/],
  ['another kind', { norm: { parameters: { x: 'real', length: 'count' }, result: 'f64' } }, /norm: .*x: Real/],
  ['another result', { norm: { parameters: { x: 'numbers', length: 'count' } } }, /norm: .*void, .*f64/],
  ['a function that is not there', { one: { parameters: {} } }, /one: .* has no such function\none: .*not export/],
  ['a replayed real', { norm: { ...TABLE['norm']!, replayed: true } }, /norm: only functions of addresses and counts/],
  ['shares without work', { zero: { ...TABLE['zero']!, shares: [] } }, /zero: shares and work come together/],
  ['a shared result', { norm: { ...TABLE['norm']!, work: [1], shares: [] } }, /norm: a call with a result cannot/],
] as const satisfies readonly (readonly [string, Readonly<Record<string, Definition>>, RegExp])[]) {
  test(`the build refuses ${what} by name`, () => assert.match(refusals(change), message));
}

test('the build refuses an export that the table lacks', () => {
  assert.is(refusals({}, ['zero', 'norm', 'peak']), 'peak: the module exports it, the table lacks it');
});

test("the kernel's own functions have the parameters of the table, in its order", () => {
  const text = readFileSync(new URL('kernel.ts', SOURCE), 'utf8');
  const tree = ts.createSourceFile('kernel.ts', text, ts.ScriptTarget.ESNext, true);
  const kernel = tree.statements.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === 'Kernel');
  const methods = new Map(
    (kernel as ts.InterfaceDeclaration).members
      .filter(ts.isMethodSignature)
      .map((method) => [method.name.getText(), method.parameters.map(({ name }) => name.getText())]),
  );
  const direct = Object.entries<Definition>(definitions).filter(([, definition]) => definition.direct);
  assert.ok(direct.length > 10);
  for (const [name, { parameters }] of direct) assert.equal(methods.get(name), Object.keys(parameters), name);
});

test("the kernel's own functions are compared with their twins in TypeScript", () => {
  const text = readFileSync(new URL('wasm.test.ts', import.meta.url), 'utf8');
  const direct = Object.entries<Definition>(definitions).filter(([, definition]) => definition.direct);
  assert.equal(
    direct.map(([name]) => name).filter((name) => !new RegExp(`\\.${name}\\(`).test(text)),
    [],
  );
});

test('only long calls are shared, in the way that has the smallest parts', () => {
  const multiply = [0, 0, 0, 4, 500, 64, 64];
  assert.is(worthSharing('multiply', multiply), true);
  assert.is(worthSharing('multiply', [0, 0, 0, 1, 50, 64, 64]), false);
  const call = partitionCall('multiply', multiply, 2, 4)!;
  assert.equal([call.counted, call.each, call.strides], [5, 8, [4, 0, 2000, 0, 0, 0, 0]]);
  const rows = partitionCall('multiply', [0, 0, 0, 400, 500, 8, 8], 2, 8)!;
  assert.equal([rows.counted, rows.each, rows.strides], [3, 52, [64, 4000, 0, 0, 0, 0, 0]]);
});

test('an optional array that is not there stays so in every part', () => {
  const args = [1024, 2048, 0, 1_000_000, 1, 0, 1, 0, 0, 0];
  const { strides } = partitionCall('sgd', args, 2, 4)!;
  assert.equal(strides.slice(0, 3), [4, 4, 0]);
  assert.equal(partitionCall('sgd', args.with(2, 4096), 2, 4)!.strides.slice(0, 3), [4, 4, 4]);
  assert.ok(sharedNames.includes('sgd'));
});

test.run();
