/** A module of Node's own, without an import that a browser's bundler would fail on; an error where there is none. */
export function nodeModule(option: string, name: string): unknown {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const found = process?.getBuiltinModule?.(name);
  if (!found) throw new Error(`${option}: needs ${name} of Node 20.16 or later`);
  return found;
}
