// Learns pairs of words, then translates. The article's encoder–decoder (system 7). `--data` reads any CSV file
// with the columns source and target; `--out` and `--model` keep what was learned.
import { identity, of, pipe, tap } from 'rxjs';
import { bundledFile, progress, stdinLines, unlimited, visible, yielding } from '../src/index.js';
import { studio } from '../src/studio.js';
import { readPairs } from './article/readPairs.js';
import type { TranslationStep } from './article/translation.js';
import { checkOverwrite } from './cli/checkOverwrite.js';
import { checkTextLines } from './cli/checkTextLines.js';
import { checkWritable } from './cli/checkWritable.js';
import { command, NO_WIDE, UsageError } from './cli/command.js';
import { print } from './cli/print.js';
import { say } from './cli/say.js';
import { stopSignal } from './cli/stopSignal.js';
import { suggest } from './cli/suggest.js';
import { warnUnsaved } from './cli/warnUnsaved.js';
import { holdOut } from './translate/holdOut.js';
import { learnTranslator } from './translate/learnTranslator.js';
import { printTranslated } from './translate/printTranslated.js';
import { reportTranslator } from './translate/reportTranslator.js';
import { translateLines } from './translate/translateLines.js';
import { translateWord, type Translator } from './translate/translateWord.js';
import { loadTranslator, saveTranslator, TRANSLATOR } from './translate/translatorFile.js';

const DATA = bundledFile('pairs.csv');
const WORDS = ['man', 'mans', 'king', 'black', 'up'];
/** Passes over the article's pairs, and for other data updates at most. */
const EPOCHS = 5000;
const UPDATES = 30_000;

/** The options that only translating by what was learned does without. */
const OF_LEARNING = ['data', 'held-out', 'hidden', 'epochs', 'learning-rate', 'batch', 'feed', 'attention', 'ignore-padding', 'studio', 'seed', 'out', 'force']; // prettier-ignore

await command(import.meta.url, {
  about: `An encoder–decoder learns pairs of words and translates. Of other pairs than the article's it holds out a tenth of
the words, and counts how many of them it gets right; beside it: by the ending that the learned words had most often.
Words to learn have at most 1,000 letters. With --model it translates WORD, or the lines of standard
input, an empty line by an empty line.`,
  saves: true,
  argument: 'WORD',
  options: {
    data: {
      kind: 'text',
      value: 'FILE',
      help: 'a CSV file with the columns source and target (data/pairs.csv)',
    },
    'held-out': {
      kind: 'number',
      help: "share of the words that is held out to test with (0.1; none of the article's)",
      least: 0,
      below: 1,
    },
    hidden: { kind: 'count', help: 'hidden units of the encoder and of the decoder', initial: 128, most: 4096 },
    epochs: { kind: 'count', help: `passes over the pairs (${EPOCHS}; fewer for many pairs)` },
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
    out: { kind: 'text', value: 'FILE', help: 'file to save the model in, for --model, also on Ctrl-C' },
    force: { kind: 'flag', help: 'overwrite the file of --out even where it holds something else', needs: 'out' },
    model: { kind: 'text', value: 'FILE', help: 'a model that --out has saved, instead of learning' },
    'no-wide': NO_WIDE,
    seed: { kind: 'seed', help: "seed of torch's generator, for the weights and the order", initial: 0 },
    json: { kind: 'flag', help: 'print one JSON object per cost and per word and nothing else' },
  },
  async run({ data = DATA, json, out, model: path, seed, attention, feed, batch, ...options }, word, typed) {
    const without = path === undefined ? undefined : OF_LEARNING.find((name) => typed.has(name));
    if (without !== undefined) throw new UsageError(`--${without}: is not for --model, which learns nothing`);
    if (path !== undefined) return translateWith(loadTranslator(path));
    if (word !== undefined) throw new UsageError(`${word}: a word is for --model FILE`);
    const ignorePadding = options['ignore-padding'];
    if (attention && (ignorePadding || (typed.has('feed') && feed === 'pads'))) {
      throw new UsageError(
        '--attention pads nothing and reads its own letters: leave out --feed pads and --ignore-padding',
      );
    }
    if (out !== undefined) {
      checkWritable(out);
      if (!options.force) checkOverwrite(out, TRANSLATOR.job, { data });
    }
    const isArticle = data === DATA;
    const { learned, held } = holdOut(await readPairs(data), options['held-out'] ?? (isArticle ? 0 : 0.1), seed);
    const translator = await learn();
    if (!translator) return; // stopped, and saved where it was to be
    if (!json) print('test');
    if (isArticle && held.length === 0) return printWords(translator);
    await reportTranslator(translator, { learned, held, json });
    if (!json && out !== undefined) suggest('to translate with it', 'translate', '--model', out);

    /** Learns and saves; undefined where it was stopped. */
    async function learn(): Promise<Translator | undefined> {
      const { hidden, 'learning-rate': learningRate } = options;
      if (!json && out === undefined) warnUnsaved();
      const epochs = options.epochs ?? passesOver(Math.ceil(learned.length / batch));
      const every = Math.min(1000, epochs);
      const page = options.studio ? studio({ title: 'an encoder–decoder translates' }) : undefined;
      await page?.url;
      let stopped = false;
      const { translator, epoch } = await learnTranslator(learned, {
        hidden,
        learningRate,
        batch,
        epochs,
        reading: attention ? 'attention' : feed,
        ignorePadding,
        seed,
        page,
        word: isArticle ? WORDS[0] : learned[0]?.[0],
        stop$: stopSignal(out, 'saving what was learned').pipe(tap(() => (stopped = true))),
        watch: pipe(
          tap((step) => {
            if (step.epoch % every !== 0) return;
            if (json) console.log(JSON.stringify(step));
            else if (isArticle) console.log(costText(step));
          }),
          isArticle || json
            ? identity
            : progress((step) => `epoch ${step.epoch} of ${epochs} · cost ${step.cost.toFixed(6)}`),
        ),
      }).finally(() => void page?.close());
      if (out !== undefined) {
        saveTranslator(out, translator, { data, seed, pairs: learned.length, epochs: epoch, stopped });
        if (!json) say(`model saved in ${visible(out)}`);
      }
      return stopped ? undefined : translator;
    }

    async function translateWith(translator: Translator): Promise<void> {
      if (word !== undefined) return translateLines(translator, of(word), json);
      if (process.stdin.isTTY && !json) say('type words to translate, one per line; Ctrl-D ends');
      const line$ = stdinLines({ demand: yielding(unlimited), invalid: 'replace' });
      await translateLines(translator, line$.pipe(checkTextLines('standard input')), json);
    }

    /** Prints the translations of the article's words, as it does: one of them has a letter that no word has. */
    async function printWords(translator: Translator): Promise<void> {
      for (const word of WORDS) {
        const found = await translateWord(translator, word);
        printTranslated(json ? found : { ...found, unknown: [] }, json);
      }
    }
  },
});

/** Passes over pairs other than the article's, of so many batches each. */
function passesOver(batches: number): number {
  return Math.max(10, Math.min(EPOCHS, Math.round(UPDATES / batches)));
}

function costText({ epoch, cost }: TranslationStep): string {
  return `Epoch: ${String(epoch).padStart(4, '0')} cost = ${cost.toFixed(6)}`;
}
