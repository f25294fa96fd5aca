// The article's encoder–decoder (system 7): learns pairs of words, then translates. `--data` reads any CSV file of two
// columns.
import { fileURLToPath } from 'node:url';
import { lastValueFrom, takeWhile, tap } from 'rxjs';
import { yielding, torchRandom, unlimited, visible } from '../src/index.js';
import { command } from './cli/command.js';
import { readPairs } from './article/readPairs.js';
import { learnPairs, lexicon, translate, translateAsArticle, translator } from './article/translation.js';

const DATA = fileURLToPath(new URL('../data/pairs.csv', import.meta.url));
const WORDS = ['man', 'mans', 'king', 'black', 'up'];

await command(import.meta.url, {
  about: 'An encoder–decoder learns pairs of words and translates.',
  options: {
    data: { kind: 'text', value: 'FILE', help: 'a CSV file of two columns, source and target (data/pairs.csv)' },
    hidden: { kind: 'count', help: 'hidden units of the encoder and of the decoder', initial: 128, most: 4096 },
    epochs: { kind: 'count', help: 'passes over the pairs', initial: 5000 },
    'learning-rate': { kind: 'number', help: "Adam's learning rate", initial: 0.001 },
    batch: { kind: 'count', help: 'pairs per batch', initial: 3 },
    feed: {
      kind: 'text',
      choices: ['pads', 'own'],
      help: "the decoder's input when it translates: padding, as in the article, or its own letters",
      initial: 'pads',
    },
    'ignore-padding': { kind: 'flag', help: 'leave the padding of the targets out of the loss' },
    seed: { kind: 'seed', help: "seed of torch's generator, for the weights and the order", initial: 0 },
    json: { kind: 'flag', help: 'print one JSON object per cost and per word and nothing else' },
  },
  async run({
    data = DATA,
    hidden,
    epochs,
    'learning-rate': learningRate,
    batch,
    feed,
    'ignore-padding': ignorePadding,
    seed,
    json,
  }) {
    const pairs = await readPairs(data);
    const words = lexicon(pairs);
    const random = torchRandom(seed);
    const model = translator(words, { hidden, dtype: 'float32', random });
    const batches = (): number[][] => {
      const order = random.dataLoaderOrder(pairs.length);
      return Array.from({ length: Math.ceil(order.length / batch) }, (_, i) => order.slice(i * batch, (i + 1) * batch));
    };
    const every = Math.min(1000, epochs);
    const learned$ = learnPairs(model, words, pairs, {
      learningRate,
      batches,
      ignorePadding,
      demand: yielding(unlimited),
    }).pipe(
      takeWhile(({ epoch }) => epoch <= epochs),
      tap(({ epoch, cost }) => {
        if (epoch % every !== 0) return;
        if (json) console.log(JSON.stringify({ epoch, cost }));
        else console.log(`Epoch: ${String(epoch).padStart(4, '0')} cost = ${cost.toFixed(6)}`);
      }),
    );
    await lastValueFrom(learned$);
    if (!json) console.log('test');
    for (const word of data === DATA ? WORDS : pairs.map(([source]) => source)) {
      const { raw, translated } = (feed === 'own' ? translate : translateAsArticle)(model, words, word);
      if (json) console.log(JSON.stringify({ word, translated: translated ?? raw }));
      else console.log(visible(`${word} -> ${translated ?? raw}`));
    }
  },
});
