// Learns one word, by a cell, a layer and an embedding. hello → ohlol (system 6) with three networks: a cell whose state
// is the answer, a layer, and an embedding with two layers and a readout; then Karpathy's four-letter hello, with the
// probabilities of each next letter.
import { lastValueFrom, take, tap } from 'rxjs';
import { adam, yielding, clipGradValue, torchRandom, unlimited, vocabularyOf } from '../src/index.js';
import { command } from './cli/command.js';
import { growingTable } from './cli/growingTable.js';
import { print } from './cli/print.js';
import { helloModel, karpathyModel, karpathyOptimizer, learnWord, nextLetters } from './article/helloNetworks.js';

const LECTURE = { A: { hidden: 4, rate: 0.1 }, B: { hidden: 4, rate: 0.05 }, C: { hidden: 8, rate: 0.05 } } as const;
const TITLES = { A: 'RNNCell', B: '\nRNN', C: '\nembedding, RNN of two layers, linear' } as const;

await command(import.meta.url, {
  about: 'Three networks learn to turn hello into ohlol, and a fourth the next letters of hello.',
  options: {
    seed: {
      kind: 'seed',
      help: 'seed of the weights; with 0 the first two end at ohlll, as in PyTorch',
      initial: 2,
    },
    epochs: { kind: 'count', help: 'epochs per network', initial: 15 },
    json: { kind: 'flag', help: 'print one JSON object per epoch and nothing else' },
  },
  async run({ seed, epochs, json }) {
    const symbols = vocabularyOf(Array.from('ehlo'));
    const table = growingTable({ epoch: 5, loss: 5, letters: -7 });
    for (const variant of ['A', 'B', 'C'] as const) {
      const { hidden, rate } = LECTURE[variant];
      const model = helloModel(variant, {
        symbols: 4,
        hidden,
        embedded: 10,
        dtype: 'float32',
        random: torchRandom(seed),
      });
      const reduction = variant === 'A' ? 'sum' : 'mean';
      const options = { reduction, optimizer: adam({ learningRate: rate }), demand: yielding(unlimited) } as const;
      if (!json) print(`${TITLES[variant]}\n${table.head}`);
      const epoch$ = learnWord(model, symbols, ['hello', 'ohlol'], options).pipe(
        take(epochs),
        tap(({ epoch, loss, predicted }) => {
          if (json) console.log(JSON.stringify({ variant, epoch, loss, predicted }));
          else console.log(table.row(epoch, loss.toFixed(3), predicted));
        }),
      );
      await lastValueFrom(epoch$);
    }
    const letters = vocabularyOf(Array.from('helo'));
    const model = karpathyModel(4, 3, seed);
    const options = { reduction: 'sum', optimizer: karpathyOptimizer(0.1), between: clipGradValue(5) } as const;
    if (!json) print(`\nthe next letter of hello\n${table.head}`);
    const iteration$ = learnWord(model, letters, ['hell', 'ello'], options).pipe(
      take(1001),
      tap(({ epoch, loss, predicted }) => {
        if (epoch % 100 !== 1) return;
        if (json) console.log(JSON.stringify({ variant: 'karpathy', epoch, loss, predicted }));
        else console.log(table.row(epoch, loss.toFixed(3), predicted));
      }),
    );
    await lastValueFrom(iteration$);
    let written = '';
    const next = growingTable({ after: -5, ...Object.fromEntries(letters.symbols.map((letter) => [letter, 5])) });
    if (!json) print(`\n${next.head}`);
    nextLetters(model, letters, 'hell').subscribe((probabilities) => {
      written += 'hell'[written.length];
      if (!json) return console.log(next.row(written, ...Array.from(probabilities, (share) => share.toFixed(3))));
      const shares = Object.fromEntries(letters.symbols.map((letter, i) => [letter, probabilities[i]!]));
      console.log(JSON.stringify({ after: written, next: shares }));
    });
  },
});
