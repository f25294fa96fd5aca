// Writes ../calls.ts, the typed calls of the module: each takes its arguments by name, arrays as arrays, and hands the
// module numbers by position. Functions that the kernel has too (`direct`) are written with the kernel's positions. What
// a replay would lack is said before the call, so that the module's function itself never changes: V8 then inlines it.

/** What a caller gives for each kind of parameter, and what the module takes of it. */
const KINDS = {
  numbers: ['Numbers', (name) => `${name}.byteOffset`],
  optional: ['Numbers | undefined', (name) => `${name} ? ${name}.byteOffset : 0`],
  tokens: ['Int32Array', (name) => `${name}.byteOffset`],
  doubles: ['Float64Array', (name) => `${name}.byteOffset`],
  bytes: ['number', (name) => name],
  count: ['number', (name) => name],
  real: ['number', (name) => name],
  flag: ['boolean', (name) => `Number(${name})`],
};

export function calls(table) {
  const all = Object.entries(table).map(([name, { parameters, result, direct, replayed }]) => {
    const list = Object.entries(parameters).map(([parameter, kind]) => [parameter, ...KINDS[kind]]);
    const names = list.map(([parameter]) => parameter).join(', ');
    const typed = list.map(([parameter, type]) => `${parameter}: ${type}`);
    const call = `module.${name}(${list.map(([parameter, , taken]) => taken(parameter)).join(', ')})`;
    const lacked = !replayed && result !== 'usize'; // scratchBytes only says a size
    const body = `${result ? '' : 'void '}${lacked ? `(invalidate(), ${call})` : call}`;
    return { name, names, typed, direct, result: result ? 'number' : 'void', body };
  });
  const named = all.filter(({ direct }) => !direct);
  const direct = all.filter(({ direct }) => direct);
  return [
    '// Made by assembly/build.mjs from interface.ts: the calls of the module, typed.',
    `import type { Numbers } from '../../types.js';`,
    `import type { Exports } from './instantiate.js';`,
    '',
    '/** Functions of the module with their arguments by name. */',
    'export interface Calls {',
    ...named.map(({ name, typed, result }) => `  ${name}(args: { ${typed.join('; ')} }): ${result};`),
    '}',
    '',
    "/** Functions of the module that are the kernel's own. */",
    'export interface DirectCalls {',
    ...direct.map(({ name, typed, result }) => `  ${name}(${typed.join(', ')}): ${result};`),
    '}',
    '',
    '/** The calls of a module, whose functions are looked up when they are called; `invalidate` goes before those not replayed. */',
    'export function calls(module: Exports, invalidate: () => void): Calls {',
    '  return {',
    ...named.map(({ name, names, body }) => `    ${name}: ({ ${names} }) => ${body},`),
    '  };',
    '}',
    '',
    "/** The calls that are the kernel's own functions, by position. */",
    'export function directCalls(module: Exports, invalidate: () => void): DirectCalls {',
    '  return {',
    ...direct.map(({ name, names, body }) => `    ${name}: (${names}) => ${body},`),
    '  };',
    '}',
    '',
  ].join('\n');
}
