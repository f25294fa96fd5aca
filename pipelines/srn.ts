// Steps through a network of two units. The article's simple recurrent network with all weights 1: linear and with tanh
// (systems 1 and 2), then as torch's cell and layer (system 3). `--parity` prints the lines of the article's programs.
import { command } from './cli/command.js';
import { growingTable } from './cli/growingTable.js';
import { print } from './cli/print.js';
import {
  srn,
  srnLines,
  srnModel,
  type SrnStep,
  srnVariants,
  type SrnWeights,
  type TorchWeights,
} from './article/srn.js';

/** Formats numbers as torch prints them. */
function tensorText(numbers: ArrayLike<number>): string {
  return `tensor([[${Array.from(numbers, (x) => x.toFixed(4)).join(', ')}]])`;
}

/** Prints a table of steps. */
function printSteps(steps: readonly SrnStep[]): void {
  const table = growingTable({ step: 4, input: -5, state: -11, output: -11 });
  console.log(table.head);
  for (const [i, { input, stateBefore, output }] of steps.entries()) {
    console.log(table.row(i + 1, input.join(' '), numbersText(stateBefore), numbersText(output)));
  }
}

/** Writes numbers with three decimals. */
function numbersText(numbers: readonly number[]): string {
  return numbers.map((x) => x.toFixed(3)).join(' ');
}

const ONES: SrnWeights = { w: Array<number>(8).fill(1), u: Array<number>(4).fill(1) };
const PAIR = [
  [1, 1],
  [1, 1],
];
const TORCH: TorchWeights = {
  weightIh: PAIR,
  weightHh: PAIR,
  biasIh: [0, 0],
  biasHh: [0, 0],
  linearWeight: PAIR,
  linearBias: [0],
  nonlinearity: 'tanh',
};
const INPUTS = [
  [1, 1],
  [1, 1],
  [2, 2],
];

await command(import.meta.url, {
  about: 'The simple recurrent network of the article, step by step: linear, with tanh, and as cell and layer.',
  options: {
    seed: { kind: 'seed', help: 'accepted by every script; all weights are 1 here', initial: 0 },
    parity: {
      kind: 'text',
      choices: ['numpy', 'torch'],
      help: "print the lines of the article's programs, two with NumPy or one with torch",
    },
    json: { kind: 'flag', help: 'print one JSON object per step and nothing else' },
  },
  async run({ parity, json }) {
    for (const nonlinearity of parity === 'torch' ? [] : (['identity', 'tanh'] as const)) {
      const steps: SrnStep[] = [];
      srn(srnModel(nonlinearity, ONES), INPUTS).subscribe((step) => steps.push(step));
      if (json) {
        for (const { input, stateBefore, state, output } of steps) {
          console.log(JSON.stringify({ nonlinearity, input, stateBefore, state, output }));
        }
      } else if (parity) {
        print(nonlinearity === 'identity' ? '=== linear ===' : '\n=== tanh ===');
        for (const line of srnLines(INPUTS, steps)) console.log(line);
      } else {
        print(nonlinearity === 'identity' ? 'linear' : '\ntanh');
        printSteps(steps);
      }
    }
    if (parity === 'numpy') return;
    const { cell, layer } = srnVariants(TORCH, INPUTS, 'float32');
    const table = growingTable({ step: 4, cell: -11, layer: -11 });
    if (!json && !parity) print(`\ntanh, as a cell and as a layer\n${table.head}`);
    for (const [t, { input, stateBefore, state, output }] of cell.entries()) {
      const [layerState, layerOutput] = [layer.states, layer.outputs].map((all) => [...all.subarray(t * 2, t * 2 + 2)]);
      if (json) {
        for (const [variant, after, given] of [
          ['cell', state, output],
          ['layer', layerState, layerOutput],
        ] as const) {
          console.log(JSON.stringify({ variant, input, stateBefore, state: after, output: given }));
        }
      } else if (!parity) {
        console.log(table.row(t + 1, numbersText(output), numbersText(layerOutput!)));
      } else {
        print(`Input : ${tensorText(input)}  hidden : ${tensorText(stateBefore)}`);
        print(`cell  : ${tensorText(output)}  layer  : ${tensorText(layerOutput!)}`);
      }
    }
  },
});
