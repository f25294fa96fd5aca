/**
 * Writes a value as one line of text: as JSON where JSON has it (numbers to the last bit), and readably where it does
 * not: typed arrays with their kind, errors by name and message, `undefined`, `NaN`, `-0`, maps, sets, functions,
 * cycles.
 */
export function describe(value: unknown): string {
  return describeWithin(value, []);
}

function describeWithin(value: unknown, path: readonly object[]): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'function':
      return `function ${value.name}`.trimEnd();
    case 'object':
      return value === null ? 'null' : describeObject(value, path);
    case 'boolean':
    case 'symbol':
    case 'undefined':
      return String(value);
  }
}

function describeObject(value: object, path: readonly object[]): string {
  if (path.includes(value)) return '(the same again)';
  const inner = [...path, value];
  const list = (items: Iterable<unknown>): string =>
    `[${Array.from(items, (item) => describeWithin(item, inner)).join(',')}]`;

  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (Array.isArray(value)) return list(value);
  const kind = kindOf(value);
  if (ArrayBuffer.isView(value)) {
    return `${kind} ${list(value instanceof DataView ? new Uint8Array(value.buffer) : (value as Uint8Array))}`;
  }
  if (value instanceof Map || value instanceof Set) return `${kind} ${list(value)}`;
  if (value instanceof Date) return `Date ${value.toJSON()}`;
  const fields = Object.entries(value).map(
    ([name, field]) => `${JSON.stringify(name)}:${describeWithin(field, inner)}`,
  );
  return `${kind === 'Object' ? '' : `${kind} `}{${fields.join(',')}}`;
}

function kindOf(value: object): string {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null ? 'Object' : prototype.constructor.name;
}
