// Writes play.ts, which makes many calls at the price of one: calls that were captured before, one after another in the
// memory, each as the number of its function and the arguments. A function's number is its place in the table.

/** `fileOf` has the AssemblyScript file of each function. */
export function play(table, fileOf) {
  const replayed = Object.entries(table).flatMap(([name, { parameters, replayed }], number) =>
    replayed ? [{ name, number, count: Object.keys(parameters).length }] : [],
  );
  return [
    '// Made by play.mjs, which explains it.',
    ...replayed.map(({ name }) => `import { ${name} } from './${fileOf.get(name)}';`),
    'export function play(at: usize, end: usize): void {',
    'while (at < end) {',
    'switch (load<i32>(at)) {',
    ...replayed.flatMap(({ name, number, count }) => {
      const words = Array.from({ length: count }, (_, i) => `load<i32>(at, ${4 * i + 4})`);
      return [`case ${number}: ${name}(${words.join(', ')}); at += ${4 * count + 4}; break;`];
    }),
    'default: unreachable();',
    '}',
    '}',
    '}',
  ].join('\n');
}
