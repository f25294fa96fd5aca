// What a stranger reads about each public name: its doc comment, its marbles, and a type without a hidden `any`.
import * as ts from 'typescript';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { programOf, ROOT } from './support/programOf.js';

const ENTRIES = [
  'src/bus.ts',
  'src/index.ts',
  'src/jetstream.ts',
  'src/marbles.ts',
  'src/recording.ts',
  'src/studio.ts',
  'src/streams.ts',
  'src/onnx.ts',
];

/** Built-in types whose later parameters default to `any`, and the number of parameters before those. */
const DEFAULTS: Readonly<Record<string, number>> = { Iterable: 1, AsyncIterable: 1 };

const SAMPLE = `
import type { Observable, OperatorFunction } from 'rxjs';
export function undocumented(): void {}
/** No sentence */
export function unsaid(): void {}
/**
 * Doubles.
 *
 * \`\`\`
 * twice · twice
 * \`\`\`
 */
export function undrawn(): OperatorFunction<number, number> { throw new Error(); }
/** Numbers -1-2-| outside a fence. */
export function unfenced(): Observable<number> { throw new Error(); }
/** Options. */
export interface Options {
  readonly size?: number;
  /** 1 by default. */
  readonly rate?: number;
}
/** Anys. */
export interface Anys<T extends any[]> extends Required<Inherited> {
  argument(value: any): void; result(): Promise<any>; union: string | { deep: any }; record: Record<string, any>;
  readonly tuple: readonly [number, any]; readonly generic: T;
}
interface Inherited { from: any }
`;

interface Public {
  readonly name: string;
  readonly symbol: ts.Symbol;
}

const program = programOf(ENTRIES, { 'test/sample.ts': SAMPLE });
const checker = program.getTypeChecker();
const names = ENTRIES.flatMap(exportedBy);
const sample = exportedBy('test/sample.ts');

test(`each of the ${names.length} public names has a doc comment that begins with a sentence`, () => {
  assert.ok(names.length > 250);
  assert.equal(names.flatMap(unsaid), []);
});

test('the comment of each public operator and observable draws its marbles', () => {
  assert.ok(names.filter(({ symbol }) => flows(symbol)).length > 40);
  assert.equal(names.flatMap(undrawn), []);
});

test('the comment of each optional member of a public interface says what holds without it', () => {
  assert.equal(names.flatMap(undescribed), []);
});

test('no public type is or contains an any', () => assert.equal(names.flatMap(anys), []));

test('the check reports a comment that is missing or has no sentence', () => {
  assert.equal(sample.flatMap(unsaid), ['undocumented', 'unsaid']);
});

test('the check reports an operator and an observable without marbles', () => {
  assert.equal(sample.flatMap(undrawn), ['undrawn', 'unfenced']);
});

test('the check reports an optional member without a comment', () => {
  assert.equal(sample.flatMap(undescribed), ['Options.size']);
});

test('the check finds an any at any depth', () => {
  assert.equal(sample.flatMap(anys), [
    'Anys.argument(value)',
    'Anys.result()<0>',
    'Anys.union.deep',
    'Anys.record[]',
    'Anys.tuple<1>',
    'Anys.generic extends<0>',
    'Anys.from',
  ]);
});

test.run();

/** Lists the exports of an entry point by their public names. */
function exportedBy(path: string): Public[] {
  const entry = checker.getSymbolAtLocation(program.getSourceFile(`${ROOT}/${path}`)!)!;
  return checker.getExportsOfModule(entry).map((symbol) => ({
    name: symbol.name,
    symbol: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
  }));
}

function commentOf(symbol: ts.Symbol): string {
  return ts.displayPartsToString(symbol.getDocumentationComment(checker));
}

/** Reports a name whose comment does not begin with a sentence. */
function unsaid({ name, symbol }: Public): string[] {
  return /^[^`]?\S.*?[.:](?:\s|$)/s.test(commentOf(symbol).split('\n\n')[0]!) ? [] : [name];
}

function undrawn({ name, symbol }: Public): string[] {
  const fences = [...commentOf(symbol).matchAll(/^```\n(.*?)^```$/gms)].flatMap(([, text]) => text!.split('\n'));
  return flows(symbol) && !fences.some(isMarbles) ? [name] : [];
}

/**
 * Whether a line contains marbles, from a dash or a group to the end, a dash or an ellipsis: `-a-(bc)-|`, `(abc)-…`.
 */
function isMarbles(line: string): boolean {
  return /(?:^|\s)[-(](?=.*[-|]).*[-|#…)](?:\s|$)/.test(line);
}

/** Whether a function returns an operator or an observable. */
function flows(symbol: ts.Symbol): boolean {
  if (!(symbol.flags & ts.SymbolFlags.Function)) return false;
  const isObservable = (type: ts.Type): boolean => type.symbol?.name === 'Observable';
  return checker
    .getTypeOfSymbol(symbol)
    .getCallSignatures()
    .some((signature) => {
      const type = signature.getReturnType();
      return isObservable(type) || type.getCallSignatures().some((operator) => isObservable(operator.getReturnType()));
    });
}

function undescribed({ name, symbol }: Public): string[] {
  if (!(symbol.flags & ts.SymbolFlags.Interface)) return [];
  return checker
    .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
    .filter((member) => member.flags & ts.SymbolFlags.Optional && isOurs(member) && commentOf(member) === '')
    .map((member) => `${name}.${member.name}`);
}

/** Finds the places of `any` in the type of a name, or in the type that it names. */
function anys({ name, symbol }: Public): string[] {
  const seen = new Set<ts.Type>();
  const roots: ts.Type[] = [];
  if (symbol.flags & ts.SymbolFlags.Value) roots.push(checker.getTypeOfSymbol(symbol));
  if (symbol.flags & ts.SymbolFlags.Type) roots.push(checker.getDeclaredTypeOfSymbol(symbol));
  return roots.flatMap((type) => visit(type, name));

  function visit(type: ts.Type | undefined, path: string): string[] {
    if (type === undefined || seen.has(type)) return [];
    if (type.flags & ts.TypeFlags.Any) return [path];
    seen.add(type);
    if (type.isUnionOrIntersection()) return type.types.flatMap((part) => visit(part, path));
    if (type.flags & ts.TypeFlags.Instantiable) return visit(type.getConstraint(), `${path} extends`);
    if (!(type.flags & ts.TypeFlags.Object)) return [];
    return isForeign(type) ? visitArguments(type as ts.TypeReference, path) : visitMembers(type, path);
  }

  function visitArguments(type: ts.TypeReference, path: string): string[] {
    const given = checker.getTypeArguments(type).slice(0, DEFAULTS[type.symbol?.name ?? '']);
    return given.flatMap((argument, i) => visit(argument, `${path}<${i}>`));
  }

  function visitMembers(type: ts.Type, path: string): string[] {
    const members = checker.getPropertiesOfType(type).filter(isOurs);
    const signatures = [...type.getCallSignatures(), ...type.getConstructSignatures()];
    return [
      ...members.flatMap((member) => visit(checker.getTypeOfSymbol(member), `${path}.${member.name}`)),
      ...signatures.flatMap((signature) => visitSignature(signature, path)),
      ...checker.getIndexInfosOfType(type).flatMap((index) => visit(index.type, `${path}[]`)),
    ];
  }

  function visitSignature(signature: ts.Signature, path: string): string[] {
    return [
      ...signature.getParameters().flatMap((it) => visit(checker.getTypeOfSymbol(it), `${path}(${it.name})`)),
      ...visit(signature.getReturnType(), `${path}()`),
      ...(signature.getTypeParameters() ?? []).flatMap((it) => visit(it, `${path}<${it.symbol.name}>`)),
    ];
  }
}

/** Whether a type is a class or an interface of a library: its type arguments are ours, its members are not. */
function isForeign(type: ts.Type): boolean {
  if (checker.isArrayType(type) || checker.isTupleType(type)) return true;
  const { objectFlags } = type as ts.ObjectType;
  return (objectFlags & (ts.ObjectFlags.Reference | ts.ObjectFlags.ClassOrInterface)) !== 0 && !isOurs(type.symbol);
}

/** Whether it is declared in the project's own files. */
function isOurs({ declarations = [] }: ts.Symbol): boolean {
  return declarations.length === 0 || declarations.some((it) => !/\/node_modules\//.test(it.getSourceFile().fileName));
}
