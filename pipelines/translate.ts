// Learns pairs of words, then translates. The article's encoder–decoder (system 7). `--data` reads any CSV file
// of two columns.
import { identity, lastValueFrom, takeWhile, tap } from 'rxjs';
import { bundledFile, yielding, torchRandom, unlimited, visible } from '../src/index.js';
import { studio } from '../src/studio.js';
import { amount } from './cli/amount.js';
import { command, NO_WIDE, UsageError } from './cli/command.js';
import { safeJson } from './cli/safeJson.js';
import { attendingTranslator, picture, raggedWindow, translateAttending } from './article/attending.js';
import { readPairs } from './article/readPairs.js';
import { learnPairs, lexicon, translate, translateAsArticle, translator } from './article/translation.js';
import { watchTranslation } from './article/watchTranslation.js';

const DATA = bundledFile('pairs.csv');
const WORDS = ['man', 'mans', 'king', 'black', 'up'];

await command(import.meta.url, {
  about: 'An encoder–decoder learns pairs of words and translates.',
  options: {
    data: {
      kind: 'text',
      value: 'FILE',
      help: 'a CSV file of two columns with a header, source and target (data/pairs.csv)',
    },
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
    attention: {
      kind: 'flag',
      help: 'learn with attention: the decoder looks at all letters of the word, and what it looked at is drawn',
    },
    'ignore-padding': { kind: 'flag', help: 'leave the padding of the targets out of the loss' },
    studio: {
      kind: 'flag',
      help: 'show the costs and the attention on a live page, whose address standard error tells',
    },
    'no-wide': NO_WIDE,
    seed: { kind: 'seed', help: "seed of torch's generator, for the weights and the order", initial: 0 },
    json: { kind: 'flag', help: 'print one JSON object per cost and per word and nothing else' },
  },
  async run(
    {
      data = DATA,
      hidden,
      epochs,
      'learning-rate': learningRate,
      batch,
      feed,
      'ignore-padding': ignorePadding,
      attention,
      studio: watched,
      seed,
      json,
    },
    _,
    typed,
  ) {
    if (attention && (ignorePadding || (typed.has('feed') && feed === 'pads'))) {
      throw new UsageError(
        '--attention pads nothing and reads its own letters: leave out --feed pads and --ignore-padding',
      );
    }
    const pairs = await readPairs(data);
    const words = lexicon(pairs);
    const random = torchRandom(seed);
    const model = (attention ? attendingTranslator : translator)(words, { hidden, dtype: 'float32', random });
    const batches = (): number[][] => {
      const order = random.dataLoaderOrder(pairs.length);
      return Array.from({ length: Math.ceil(order.length / batch) }, (_, i) => order.slice(i * batch, (i + 1) * batch));
    };
    const page = watched ? studio({ title: 'an encoder–decoder translates' }) : undefined;
    await page?.url;
    const word = attention ? (data === DATA ? WORDS[0] : pairs[0]?.[0]) : undefined;
    const every = Math.min(1000, epochs);
    const learned$ = learnPairs(model, words, pairs, {
      learningRate,
      batches,
      ignorePadding,
      ...(attention && { windowOf: (pairs) => raggedWindow(words, pairs) }),
      demand: yielding(unlimited),
    }).pipe(
      takeWhile(({ epoch }) => epoch <= epochs),
      page ? watchTranslation(page, { model, words, word }) : identity,
      tap(({ epoch, cost }) => {
        if (epoch % every !== 0) return;
        if (json) console.log(JSON.stringify({ epoch, cost }));
        else console.log(`Epoch: ${String(epoch).padStart(4, '0')} cost = ${cost.toFixed(6)}`);
      }),
    );
    await lastValueFrom(learned$);
    await page?.close();
    if (!json) console.log('test');
    const targets = new Map(pairs);
    let right = 0;
    for (const word of data === DATA ? WORDS : pairs.map(([source]) => source)) {
      if (attention) {
        const { raw, translated, ...looked } = await translateAttending(model, words, word);
        if (targets.get(word) === (translated ?? raw)) right += 1;
        if (json) console.log(safeJson({ word, translated: translated ?? raw, attention: looked }));
        else console.log(`${visible(`${word} -> ${translated ?? raw}`)}\n${picture(looked)}`);
        continue;
      }
      const { raw, translated } = (feed === 'own' ? translate : translateAsArticle)(model, words, word);
      if (targets.get(word) === (translated ?? raw)) right += 1;
      if (json) console.log(safeJson({ word, translated: translated ?? raw }));
      else console.log(visible(`${word} -> ${translated ?? raw}`));
    }
    if (!json && data !== DATA)
      console.log(`${right} of ${amount(pairs.length, 'word')} right, all of which were learned`);
  },
});
