// Writes play.ts, which makes many calls at the price of one: calls that were taken down before, one after another in the
// memory, each as the number of its function and the arguments.

/** The functions that can be played, by file, and how many arguments each takes: addresses and counts. */
const PLAYED = {
  rows: { zero: 2, copy: 3, setRows: 4, addRows: 4, sumRows: 5, mask: 4, setColumns: 8 },
  activations: {
    activateTanh: 2,
    activateSigmoid: 2,
    activateRelu: 2,
    backTanh: 3,
    backSigmoid: 3,
    backRelu: 3,
  },
  cells: {
    lstmCell: 7,
    lstmCellBack: 8,
    gruCell: 6,
    gruCellBack: 9,
  },
  losses: { softmax: 3 },
  products: {
    multiply: 7,
    multiplyTokens: 6,
    multiplyBack1: 5,
    outer: 7,
    outerTokens: 7,
    gather: 5,
    scatter: 7,
  },
};

const calls = Object.values(PLAYED).flatMap((functions) => Object.entries(functions));

/** The functions' names; a name's place is its number. */
export const played = calls.map(([name]) => name);

export function play() {
  return [
    '// Made by played.mjs, where it is told.',
    ...Object.entries(PLAYED).map(
      ([file, functions]) => `import { ${Object.keys(functions).join(', ')} } from './${file}';`,
    ),
    'export function play(at: usize, end: usize): void {',
    'while (at < end) {',
    'switch (load<i32>(at)) {',
    ...calls.flatMap(([name, count], number) => {
      const words = Array.from({ length: count }, (_, i) => `load<i32>(at, ${4 * i + 4})`);
      return [`case ${number}: ${name}(${words.join(', ')}); at += ${4 * count + 4}; break;`];
    }),
    'default: unreachable();',
    '}',
    '}',
    '}',
  ].join('\n');
}
