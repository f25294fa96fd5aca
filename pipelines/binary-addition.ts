// Learns to add binary numbers. The article's system 4: a network of 16 sigmoid units reads two numbers bit by bit,
// lowest bit first, and learns to write their sum, keeping the carry in its hidden state. `--parity numpy` prints the
// published log.
import { lastValueFrom, take, tap } from 'rxjs';
import { yielding, numpyRandom, unlimited } from '../src/index.js';
import { additionLines, additionModel, additions } from './article/additions.js';
import { command } from './cli/command.js';
import { growingTable } from './cli/growingTable.js';
import { print } from './cli/print.js';

await command(import.meta.url, {
  about: 'Binary addition: a recurrent network learns to carry.',
  options: {
    seed: { kind: 'seed', help: 'seed of the weights and the sums', initial: 0 },
    hidden: { kind: 'count', help: 'hidden units', initial: 16, most: 4096 },
    bits: { kind: 'count', help: 'bits per number, up to 32', initial: 8, most: 32 },
    iterations: { kind: 'count', help: 'number of sums to learn', initial: 10_000 },
    'learning-rate': { kind: 'number', help: 'learning rate', initial: 0.1 },
    parity: {
      kind: 'text',
      choices: ['numpy'],
      help: "print the lines of the article's NumPy program, its published log",
    },
    json: { kind: 'flag', help: 'print one JSON object per 1000 iterations and nothing else' },
  },
  async run({ seed, hidden, bits, iterations, 'learning-rate': learningRate, parity, json }) {
    const random = numpyRandom(seed);
    const model = additionModel(hidden, random);
    const widest = String(2 ** bits).length; // of a sum
    const table = growingTable({ sums: 5, error: 5, 'a + b': -(2 * widest + 3), network: widest, right: widest });
    if (!json && !parity) console.log(table.head);
    const last: boolean[] = []; // whether each of the last thousand sums was right
    const tried$ = additions(model, { random, bits, learningRate, demand: yielding(unlimited) }).pipe(
      take(iterations),
      tap((addition) => {
        const { iteration, a, b, sum } = addition;
        last[iteration % 1000] = sum === a + b;
        if (iteration % 1000 !== 0) return;
        if (json) console.log(JSON.stringify(addition));
        else if (parity) for (const line of additionLines(addition)) console.log(line);
        else console.log(table.row(iteration, addition.error.toFixed(3), `${a} + ${b}`, sum, a + b));
      }),
    );
    await lastValueFrom(tried$);
    if (!json && !parity) print(`${last.filter(Boolean).length} of the last ${last.length} sums right in every bit`);
  },
});
