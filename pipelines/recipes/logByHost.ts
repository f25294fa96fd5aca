// What is unusual in a log, host by host: each has a state of its own, learns as it goes, and what a host has not written
// before surprises. The bits of each line's characters are added up.
import { filter, from, lastValueFrom, map, mergeMap, scan, toArray } from 'rxjs';
import { adam, linear, lstm, predictThenLearnByKey, sequential, vocabularyOf } from 'rxrnn';

const usual = Array.from({ length: 160 }, (_, i) => `${i % 2 ? 'db' : 'web'} GET /index ok`);
const lines = [...usual, 'web POST /login denied', 'db GET /index ok', 'web GET /index ok'];
const symbols = vocabularyOf([...new Set([...lines.join(''), '\n'])]);
const model = sequential({
  lstm: lstm({ inputSize: symbols.size, hiddenSize: 24 }),
  linear: linear({ inputSize: 24, outputSize: symbols.size }),
});

const scored$ = from(lines).pipe(
  mergeMap((line) => {
    const key = line.split(' ', 1)[0]!;
    return Array.from(`${line}\n`, (symbol) => ({ key, token: symbols.token(symbol)! }));
  }),
  predictThenLearnByKey(model, { optimizer: adam({ learningRate: 0.01 }), steps: 8 }),
  // a line ends with a line end; those of other hosts may come in between
  scan(
    ({ sums }, { key, token, bits }) => {
      const sum = (sums.get(key) ?? 0) + bits;
      const ends = symbols.symbols[token] === '\n';
      sums.set(key, ends ? 0 : sum);
      return { sums, ended: ends ? { key, bits: sum } : undefined };
    },
    { sums: new Map<string, number>(), ended: undefined as { key: string; bits: number } | undefined },
  ),
  map(({ ended }) => ended),
  filter((line) => line !== undefined),
  toArray(),
);
const scored = await lastValueFrom(scored$);
const most = scored.slice(100).toSorted((a, b) => b.bits - a.bits)[0]!;
console.log(lines[scored.indexOf(most)], most.bits > 50); // -> web POST /login denied true
