// Learns pairs of words, then translates. The article's encoder–decoder (system 7). `--data` reads any CSV file
// of two columns; `--out` and `--model` keep what was learned.
import { concatMap, filter, identity, lastValueFrom, map, of, takeUntil, takeWhile, tap } from 'rxjs';
import { bundledFile, closed, progress, stdinLines, torchRandom, unlimited, visible, yielding } from '../src/index.js';
import { studio } from '../src/studio.js';
import { attendingTranslator, picture, raggedWindow } from './article/attending.js';
import { readPairs } from './article/readPairs.js';
import {
  learnPairs,
  lexicon,
  type TranslationStep,
  translator as rnnTranslator,
  type WordPair,
} from './article/translation.js';
import { watchTranslation } from './article/watchTranslation.js';
import { amount } from './cli/amount.js';
import { checkOverwrite } from './cli/checkOverwrite.js';
import { checkWritable } from './cli/checkWritable.js';
import { command, NO_WIDE, UsageError } from './cli/command.js';
import { print } from './cli/print.js';
import { safeJson } from './cli/safeJson.js';
import { say } from './cli/say.js';
import { stopSignal } from './cli/stopSignal.js';
import { suggest } from './cli/suggest.js';
import { warnUnsaved } from './cli/warnUnsaved.js';
import { commonEnding } from './translate/commonEnding.js';
import { holdOut } from './translate/holdOut.js';
import { type Translated, translateWord, type Translator } from './translate/translateWord.js';
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
With --model it translates WORD, or the lines of standard input.`,
  saves: true,
  argument: 'WORD',
  options: {
    data: {
      kind: 'text',
      value: 'FILE',
      help: 'a CSV file of two columns with a header, source and target (data/pairs.csv)',
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
    const share = options['held-out'] ?? (isArticle ? 0 : 0.1);
    const { learned, held } = holdOut(await readPairs(data), share, seed);
    const translator = await learn();
    if (!translator) return; // stopped, and saved where it was to be
    if (!json) print('test');
    const isShown = json || held.length === 0; // of many words those that were learned are only counted
    const old = await countRight(isArticle ? WORDS : wordsOf(learned), learned, isShown);
    if (isArticle && held.length === 0) return;
    const found = { words: wordsOf(held).length, right: await countRight(wordsOf(held), held, true) };
    const ending = commonEnding(learned);
    const targets = targetsOf(held);
    const counted = wordsOf(held).filter((word) => targets.get(word)!.has(ending(word))).length;
    const before = { words: wordsOf(learned).length, right: old };
    if (json) {
      const evaluation = { learned: before, heldOut: { ...found, commonEnding: counted } };
      if (found.words > 0) console.log(JSON.stringify({ evaluation }));
      return;
    }
    const ofLearned = `${before.right} of ${amount(before.words, 'word')} right`;
    if (found.words === 0) print(`${ofLearned}, all of which were learned`);
    else {
      print(`${found.right} of ${amount(found.words, 'word')} right that were not learned`);
      print(`beside it, by the most common ending or the nearest word: ${counted}`);
      if (counted >= found.right) print('that is at least as good here: counting needs no network');
      print(`${ofLearned} that were learned`);
    }
    if (out !== undefined) suggest('to translate with it', 'translate', '--model', out);

    /** Learns and saves; undefined where it was stopped. */
    async function learn(): Promise<Translator | undefined> {
      const words = lexicon(learned);
      const random = torchRandom(seed);
      const { hidden, 'learning-rate': learningRate } = options;
      if (!json && out === undefined) warnUnsaved();
      const model = (attention ? attendingTranslator : rnnTranslator)(words, { hidden, dtype: 'float32', random });
      const batches = (): number[][] => {
        const order = random.dataLoaderOrder(learned.length);
        const count = Math.ceil(order.length / batch);
        return Array.from({ length: count }, (_, i) => order.slice(i * batch, (i + 1) * batch));
      };
      const perPass = Math.ceil(learned.length / batch);
      const epochs = options.epochs ?? Math.max(10, Math.min(EPOCHS, Math.round(UPDATES / perPass)));
      const page = options.studio ? studio({ title: 'an encoder–decoder translates' }) : undefined;
      await page?.url;
      const word = attention ? (isArticle ? WORDS[0] : learned[0]?.[0]) : undefined;
      const every = Math.min(1000, epochs);
      let last: TranslationStep | undefined;
      let stopped = false;
      const learned$ = learnPairs(model, words, learned, {
        learningRate,
        batches,
        ignorePadding,
        ...(attention && { windowOf: (pairs) => raggedWindow(words, pairs) }),
        demand: yielding(unlimited),
      }).pipe(
        takeWhile(({ epoch }) => epoch <= epochs),
        page ? watchTranslation(page, { model, words, word }) : identity,
        tap((step) => {
          last = step;
          if (step.epoch % every !== 0) return;
          if (json) console.log(JSON.stringify(step));
          else if (isArticle) console.log(costText(step));
        }),
        isArticle || json
          ? identity
          : progress((step) => `epoch ${step.epoch} of ${epochs} · cost ${step.cost.toFixed(6)}`),
        takeUntil(stopSignal(out, 'saving what was learned').pipe(tap(() => (stopped = true)))),
      );
      await lastValueFrom(learned$, { defaultValue: undefined });
      await page?.close();
      if (!last) throw new Error('ended before the first batch of pairs: nothing was learned');
      const translator = { model, words, reading: attention ? 'attention' : feed } as const;
      if (out !== undefined) {
        saveTranslator(out, translator, { data, seed, pairs: learned.length, epochs: last.epoch, stopped });
        if (!json) say(`model saved in ${visible(out)}`);
      }
      return stopped ? undefined : translator;
    }

    /** Translates words and counts those that are right. */
    async function countRight(words: readonly string[], pairs: readonly WordPair[], isShown: boolean): Promise<number> {
      const targets = targetsOf(pairs);
      let right = 0;
      for (const word of words) {
        const found = await translateWord(translator!, word);
        const expected = targets.get(word);
        const isRight = found.translated !== null && expected?.has(found.translated) === true;
        if (isRight) right += 1;
        if (isShown) printFound(found, expected && !isRight && pairs === held ? [...expected] : []);
      }
      return right;
    }

    async function translateWith(translator: Translator): Promise<void> {
      const word$ = word === undefined ? stdinLines({ demand: yielding(unlimited), invalid: 'replace' }) : of(word);
      if (word === undefined && process.stdin.isTTY && !json) say('type words to translate, one per line; Ctrl-D ends'); // prettier-ignore
      const printed$ = word$.pipe(
        map((line) => line.trim()),
        filter((line) => line !== ''),
        concatMap((line) => translateWord(translator, line)),
        tap((found) => printFound(found)),
        takeUntil(closed()),
      );
      await lastValueFrom(printed$, { defaultValue: undefined });
    }

    function printFound(found: Translated, expected: readonly string[] = []): void {
      const { word, translated, unknown, attention } = found;
      if (json) return console.log(safeJson(found));
      if (unknown) return print(visible(`${word}: ${unknown.join(' ')} is in no word that was learned`));
      const instead = expected.length > 0 ? `, not ${expected.join(' or ')}` : '';
      print(visible(`${word} -> ${translated}${instead}`));
      if (attention) console.log(picture(attention));
    }
  },
});

function costText({ epoch, cost }: TranslationStep): string {
  return `Epoch: ${String(epoch).padStart(4, '0')} cost = ${cost.toFixed(6)}`;
}

function wordsOf(pairs: readonly WordPair[]): string[] {
  return [...new Set(pairs.map(([source]) => source))];
}

/** All translations of each word. */
function targetsOf(pairs: readonly WordPair[]): Map<string, Set<string>> {
  const targets = new Map<string, Set<string>>();
  for (const [source, target] of pairs) targets.set(source, (targets.get(source) ?? new Set()).add(target));
  return targets;
}
