// Labels texts by their characters: learns the examples of a CSV file, then labels the lines of standard input.
import { from, lastValueFrom, map, takeUntil, tap, toArray } from 'rxjs';
import {
  bundledFile,
  closed,
  concatMapBounded,
  credit,
  seeded,
  stdinLines,
  visible,
  write,
  yielding,
} from '../src/index.js';
import { amount } from './cli/amount.js';
import { CLASSIFIER, loadClassifier, saveClassifier } from './classify/classifierFile.js';
import { confusionTable } from './classify/confusionTable.js';
import { type Example, readExamples } from './classify/readExamples.js';
import { LONGEST } from './classify/longest.js';
import { longTexts } from './classify/longTexts.js';
import { type TextClassifier, textClassifier } from './classify/textClassifier.js';
import { trigramOdds } from './classify/trigramOdds.js';
import { unlearnedLabels } from './classify/unlearnedLabels.js';
import { checkOverwrite } from './cli/checkOverwrite.js';
import { checkTextLines } from './cli/checkTextLines.js';
import { checkWritable } from './cli/checkWritable.js';
import { command, NO_WIDE, UsageError } from './cli/command.js';
import { print } from './cli/print.js';
import { safeJson } from './cli/safeJson.js';
import { say } from './cli/say.js';
import { stopSignal } from './cli/stopSignal.js';
import { sayComplaint } from './cli/sayComplaint.js';
import { suggest } from './cli/suggest.js';
import { type UnknownSymbols, unknownSymbols } from './cli/unknownSymbols.js';
import { warnUnsaved } from './cli/warnUnsaved.js';

const DATA = bundledFile('kinds.csv');

/** The options that only learning has. */
const OF_LEARNING = ['data', 'hidden', 'epochs', 'lanes', 'learning-rate', 'seed', 'out', 'force'];

await command(import.meta.url, {
  about: `Learns the labels of texts, counts how many held-out ones it gets right, and labels the lines of standard input.
Beside it: labels by counts of three characters. Each line gets one, an empty line for an empty line; of each
text ${LONGEST} characters are read.`,
  saves: true,
  options: {
    data: { kind: 'text', value: 'FILE', help: 'a CSV file with the columns text and label (data/kinds.csv)' },
    test: { kind: 'text', value: 'FILE', help: 'such a file to test with; else a tenth of the examples is held out' },
    hidden: { kind: 'count', help: 'hidden units of each direction', initial: 48, most: 4096 },
    epochs: { kind: 'count', help: 'passes over the examples', initial: 12 },
    lanes: { kind: 'count', help: 'examples per update', initial: 32, most: 4096 },
    'learning-rate': { kind: 'number', help: "Adam's learning rate, which decays to 0", initial: 0.005 },
    out: { kind: 'text', value: 'FILE', help: 'file to save the classifier in, for --model, also on Ctrl-C' },
    force: { kind: 'flag', help: 'overwrite the file of --out even where it holds something else', needs: 'out' },
    model: { kind: 'text', value: 'FILE', help: 'a classifier that --out has saved, instead of learning' },
    'no-wide': NO_WIDE,
    seed: { kind: 'seed', help: 'seed of the weights, the order and the share that is held out', initial: 0 },
    json: { kind: 'flag', help: 'print one JSON object per line and nothing else' },
  },
  async run({ data = DATA, test, json, out, model, ...options }, _, typed) {
    const without = model === undefined ? undefined : OF_LEARNING.find((name) => typed.has(name));
    if (without !== undefined) throw new UsageError(`--${without}: is not for --model, which learns nothing`);
    if (out !== undefined) {
      checkWritable(out);
      if (!options.force) checkOverwrite(out, CLASSIFIER.job, { data });
    }
    const all = model === undefined ? seeded(options.seed).shuffle(await readExamples(data)) : [];
    const held: Example[] = test === undefined ? all.splice(0, Math.ceil(all.length / 10)) : await readExamples(test);
    const long = longTexts('of the examples');
    for (const { text } of [...all, ...held]) long.add(text);
    sayComplaint(long);
    if (model === undefined) checkLabels(data, all, test === undefined ? held.length : 0);
    const classifier = model === undefined ? await learn() : loadClassifier(model);
    if (!classifier) return; // stopped and saved
    const { labels, label, unknown } = classifier;
    if (held.length > 0) await report();
    if (!json && process.stdin.isTTY) {
      const kept = out === undefined && model === undefined ? '; --out FILE keeps the classifier' : '';
      say(`type texts to label, one per line; Ctrl-D ends${kept}`);
    }
    const never = neverSeen();
    const longLines = longTexts('of the lines');
    const inFlight = credit({ high: 64, low: 32 }); // lines waiting for a slow reader
    const line$ = stdinLines({ demand: yielding(inFlight), invalid: 'replace' }).pipe(
      checkTextLines('standard input'),
      map((line) => line.trim()),
      label((line) => line, 1),
      concatMapBounded(inFlight, ({ item: text, ...found }) => {
        const others = unknown(text);
        never.add(others);
        longLines.add(text);
        const [name, probability] = text === '' ? [null, null] : [labels[found.label]!, found.probability];
        if (json) return write(safeJson({ text, label: name, probability, unknown: others.length }));
        if (name === null) return write('');
        const guess = others.length > 0 ? `  (${amount(others.length, 'unknown character')})` : '';
        return write(`${probability.toFixed(3)}  ${visible(name)}  ${visible(text)}${guess}`);
      }),
      takeUntil(closed()),
    );
    await lastValueFrom(line$, { defaultValue: undefined });
    sayComplaint(never);
    sayComplaint(longLines);

    /** Learns and saves; undefined where it was stopped. */
    async function learn(): Promise<TextClassifier | undefined> {
      if (!json) say(visible(`${data}: ${amount(all.length, 'example')} to learn, ${held.length} to test`));
      if (!json && out === undefined) warnUnsaved();
      let stopped = false;
      const stop$ = stopSignal(out, 'saving the best so far').pipe(tap(() => (stopped = true)));
      const { hidden, epochs, lanes, 'learning-rate': learningRate, seed } = options;
      const learned = await textClassifier(all, {
        hidden,
        epochs,
        lanes,
        learningRate,
        seed,
        stop$,
        watch: tap(({ epoch, loss, validation }) => {
          const right = validation!.accuracy;
          if (json) console.log(JSON.stringify({ epoch, loss, validation: right }));
          else say(`pass ${epoch}: loss ${loss.toFixed(3)}, ${(100 * right).toFixed(1)} % right of those to choose by`);
        }),
      });
      if (out !== undefined) {
        saveClassifier(out, learned, { data, seed, examples: all.length, stopped });
        if (!json) say(`classifier saved in ${visible(out)}`);
        if (!json) suggest('to label lines with it', 'classify', '--model', out);
      }
      return stopped ? undefined : learned;
    }

    /** Says how often it is right on the examples that were held out, and how often counting is. */
    async function report(): Promise<void> {
      const tested$ = from(held).pipe(
        label((example) => example.text, 64),
        map(({ item, label }) => [item.label, labels[label]!] as const),
        toArray(),
      );
      const pairs = await lastValueFrom(tested$);
      const never = neverSeen();
      for (const { text } of held) never.add(unknown(text));
      sayComplaint(never);
      sayComplaint(unlearnedLabels(labels, held));
      const others = held.filter(({ label }) => !labels.includes(label)).length;
      const accuracy = pairs.filter(([right, given]) => right === given).length / pairs.length;
      const count = all.length > 0 ? trigramOdds(all) : undefined; // nothing was counted for a model from a file
      const counted = count && held.filter(({ text, label }) => count(text) === label).length / held.length;
      if (json)
        console.log(
          JSON.stringify({
            accuracy,
            ...(counted !== undefined && { trigrams: counted }),
            ...(others > 0 && { unlearned: others }),
          }),
        );
      else {
        const beside = counted === undefined ? '' : `; by trigram counts ${(100 * counted).toFixed(2)} %`;
        print(`${(100 * accuracy).toFixed(2)} % of ${amount(held.length, 'label')} right${beside}`);
        const table = confusionTable(labels, pairs);
        if (table !== '') print(`right label by row, given label by column\n${table}`);
      }
    }
  },
});

/** Counts the characters of texts that no example has. */
function neverSeen(): UnknownSymbols {
  return unknownSymbols({
    text: 'text',
    symbol: 'character',
    where: 'in no example',
    so: 'what is made of them is a guess',
  });
}

/** Refuses to learn examples of a single label, or of none; `held`: how many others of the file are to test with. */
function checkLabels(path: string, learned: readonly Example[], held: number): void {
  const labels = new Set(learned.map(({ label }) => label)).size;
  if (labels >= 2) return;
  const beside = held > 0 ? `; ${held} of the file ${held === 1 ? 'is' : 'are'} held out to test with` : '';
  throw new Error(
    `${path}: learning needs at least two labels, got ${labels} in ${amount(learned.length, 'example')}${beside}`,
  );
}
