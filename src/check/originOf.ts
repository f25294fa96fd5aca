/** Where values of a file come from: its name, and the line. */
const origins = new WeakMap<object, { readonly name: string; readonly line: number }>();

/** Where a value was read, such as `data.csv, line 7`, for a message; undefined where nobody has noted it. */
export function originOf(value: object): string | undefined {
  const origin = origins.get(value);
  return origin && `${origin.name}, line ${origin.line}`;
}

/** Notes where a value was read; nothing of the value changes, and it is forgotten with it. */
export function noteOrigin(value: object, name: string, line: number): void {
  origins.set(value, { name, line });
}
