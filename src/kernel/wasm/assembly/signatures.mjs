// Compares the functions of the AssemblyScript files with the table of ../interface.ts, by name.

const TYPES = {
  numbers: 'usize',
  optional: 'usize',
  tokens: 'usize',
  doubles: 'usize',
  bytes: 'usize',
  count: 'i32',
  real: 'Real',
  flag: 'bool',
};

/** The type in AssemblyScript of a kind of parameter. */
export const typeOf = (kind) => TYPES[kind];

/** Exported functions of a file as `[name, 'name(parameter: type, …): result']`. */
export function signaturesIn(text) {
  const found = text.matchAll(/^export function (\w+)\(([^)]*)\): (\w+)/gm);
  return [...found].map(([, name, parameters, result]) => {
    const list = parameters.split(',').map((parameter) => parameter.trim());
    return [name, `${name}(${list.filter((parameter) => parameter !== '').join(', ')}): ${result}`];
  });
}

/**
 * Lists where the table and the module disagree, one line each. `signatures` has the AssemblyScript of each function by
 * name, `exported` the names of what the module exports.
 */
export function disagreements(table, signatures, exported) {
  const lines = [];
  for (const [name, { parameters, result = 'void', replayed, work, shares }] of Object.entries(table)) {
    const list = Object.entries(parameters).map(([parameter, kind]) => `${parameter}: ${TYPES[kind]}`);
    const expected = `${name}(${list.join(', ')}): ${result}`;
    const found = signatures.get(name);
    if (found !== expected)
      lines.push(`${name}: the table has ${expected}, assembly/ has ${found ?? 'no such function'}`);
    if (!exported.includes(name)) lines.push(`${name}: assembly/index.ts does not export it`);
    if (replayed && (result !== 'void' || list.some((parameter) => !/: (?:usize|i32)$/.test(parameter)))) {
      lines.push(`${name}: only functions of addresses and counts without a result can be replayed`);
    }
    if (Boolean(shares) !== Boolean(work)) lines.push(`${name}: shares and work come together`);
    if (shares && result !== 'void') lines.push(`${name}: a call with a result cannot be shared`);
  }
  for (const name of exported) {
    if (!Object.hasOwn(table, name)) lines.push(`${name}: the module exports it, the table lacks it`);
  }
  return lines;
}
