// Learns a list of names and makes up new ones. The article's character model (system 5) reads one name per window.
// `--parity numpy` reproduces the article's NumPy program digit for digit.
import { from, lastValueFrom, mergeMap, type Observable, scan, take, takeUntil, tap } from 'rxjs';
import {
  bundledFile,
  adam,
  yielding,
  linear,
  type Model,
  progress,
  pull,
  type Random,
  rnn,
  saveModel,
  seeded,
  sequences,
  sequential,
  softmax,
  type Token,
  train,
  unlimited,
  visible,
  type Vocabulary,
  vocabulary,
} from '../src/index.js';
import { amount } from './cli/amount.js';
import { article, type ArticleStep } from './article/articleNames.js';
import { articleMarks } from './article/articleSample.js';
import { checkOverwrite } from './cli/checkOverwrite.js';
import { checkText } from './cli/checkText.js';
import { checkWritable } from './cli/checkWritable.js';
import { command, NO_WIDE } from './cli/command.js';
import { curve } from './cli/curve.js';
import { interrupted } from './cli/interrupted.js';
import { print } from './cli/print.js';
import { printRow } from './cli/printRow.js';
import { progressLine } from './cli/progressLine.js';
import { safeJson } from './cli/safeJson.js';
import { say } from './cli/say.js';
import { suggest } from './cli/suggest.js';
import { timeLeft } from './cli/timeLeft.js';
import { readNames } from './data/readNames.js';

/** One name learned. */
interface NamesStep {
  readonly iteration: number;
  /** Mean nats per character of this name. */
  readonly loss: number;
  /** The same, smoothed over about a thousand names. */
  readonly smoothLoss: number;
  /** Characters learned so far. */
  readonly tokens: number;
}

/** Repeats the names without end, in a new order each time. */
function* repeatShuffled(names: readonly (readonly Token[])[], random: Random): Generator<readonly Token[]> {
  for (;;) for (const i of random.permutation(names.length)) yield names[i]!;
}

/** Learns name after name; each starts from a zero hidden state, as each generated name does. */
function learnNames(
  model: Model,
  names: readonly (readonly Token[])[],
  options: { readonly end: Token; readonly learningRate: number; readonly random: Random },
): Observable<NamesStep> {
  const { end, learningRate, random } = options;
  return pull(repeatShuffled(names, random), yielding(unlimited)).pipe(
    sequences({ end }),
    train(model, { optimizer: adam({ learningRate }) }),
    scan((before: NamesStep | undefined, { step, tokens, loss }) => {
      const share = Math.max(1 / step, 0.001); // a plain mean over the first thousand
      const smoothLoss = before ? before.smoothLoss + share * (loss - before.smoothLoss) : loss;
      return { iteration: step - 1, loss, smoothLoss, tokens };
    }, undefined) as (steps: Observable<{ step: number; tokens: number; loss: number }>) => Observable<NamesStep>,
  );
}

/** Makes up one name: each character is drawn from the model's probabilities and fed back. */
function makeUpName(model: Model, symbols: Vocabulary, random: Random): string {
  const end = symbols.token('\n')!;
  let name = '';
  let state = model.zeroState();
  for (let token = -1, length = 0; length < 50; length++) {
    const next = model.step(token, state);
    token = random.choice(softmax(next.output.data));
    if (token === end) break;
    name += symbols.symbol(token);
    state = next.state;
  }
  return name.charAt(0).toUpperCase() + name.slice(1);
}

const EVERY = 2000;
const MADE_UP = 7;
const DATA = bundledFile('dinosaurs.csv');

await command(import.meta.url, {
  about: 'Learns to make up names, with the character-level language model of the article.',
  saves: true,
  options: {
    data: {
      kind: 'text',
      value: 'FILE',
      help: 'a CSV file with a column "name", or one name per line, of up to 10,000 characters (the dinosaurs in data/)',
    },
    hidden: { kind: 'count', help: 'hidden units', initial: 50, most: 4096 },
    iterations: { kind: 'count', help: 'number of names to learn', initial: 35_000 },
    'learning-rate': { kind: 'number', help: 'learning rate (0.002; with --parity 0.01)' },
    'no-wide': NO_WIDE,
    seed: { kind: 'seed', help: 'seed of weights, order and samples', initial: 0 },
    parity: { kind: 'text', choices: ['numpy'], help: "reproduce the article's NumPy program digit for digit" },
    out: {
      kind: 'text',
      value: 'FILE',
      help: 'file to save the model in, for generate --model, also on Ctrl-C',
      initial: 'names.safetensors',
    },
    'save-every': { kind: 'count', help: 'also save after every N names' },
    force: { kind: 'flag', help: 'overwrite the file of --out even where it holds something else' },
    json: { kind: 'flag', help: 'print one JSON object per mark and nothing else' },
  },
  async run({ data = DATA, hidden, iterations, 'learning-rate': rate, seed, parity, out, json, ...options }) {
    checkText(data, { pipes: true });
    checkWritable(out);
    if (!options.force) checkOverwrite(out, 'names', { data });
    const every = options['save-every'] ?? Infinity;
    const interrupted$ = interrupted({ say: 'ending and saving' });
    const names = await readNames(data);
    if (parity) await articleRun();
    else await ownRun();

    async function ownRun(): Promise<void> {
      const symbols = await lastValueFrom(
        from(names).pipe(
          mergeMap((name) => [...name, '\n']),
          vocabulary(),
        ),
      );
      const random = seeded(seed);
      const model = sequential(
        {
          rnn: rnn({ inputSize: symbols.size, hiddenSize: hidden }),
          linear: linear({ inputSize: hidden, outputSize: symbols.size }),
        },
        { random },
      );
      if (!json)
        print(
          `${amount(names.length, 'name')} of ${amount(symbols.size - 1, 'character')}, ${hidden} tanh units, seed ${seed}`,
        );
      const encoded = names.map((name) => Array.from(name, (symbol) => symbols.token(symbol)!));
      const chance = seeded(`${seed} made up`); // a generator of its own, so that sampling does not change training
      const losses: number[] = [];
      const learned$ = learnNames(model, encoded, {
        end: symbols.token('\n')!,
        learningRate: rate ?? 0.002,
        random,
      }).pipe(
        take(iterations),
        takeUntil(interrupted$),
        json ? tap() : progress(progressOf(iterations)),
        tap((step) => {
          const { iteration, loss, smoothLoss } = step;
          losses.push(loss);
          if ((iteration + 1) % every === 0) saveMeanwhile(() => save(step));
          if (iteration % EVERY !== 0 && iteration !== iterations - 1) return;
          const madeUp = Array.from({ length: MADE_UP }, () => makeUpName(model, symbols, chance));
          if (json) console.log(safeJson({ iteration, loss, smoothLoss, names: madeUp }));
          else mark(iteration, smoothLoss, madeUp);
        }),
      );
      const last = await lastValueFrom(learned$, { defaultValue: undefined });
      if (!last) return say('ended before the first name: nothing was saved');
      if (!json) print(`\nnats per character, each name of ${losses.length}:\n${curve(losses)}\n`);
      save(last);
      if (!json) saySaved(out);

      function save({ iteration, smoothLoss, tokens }: NamesStep): void {
        const made = { job: 'names', data, seed, lines: 'alone', iterations: iteration + 1, smoothLoss, tokens };
        const provenance = { ...made, ...(iteration + 1 < iterations && { stopped: true }) };
        saveModel(out, model, { vocabulary: symbols, provenance });
      }
    }

    async function articleRun(): Promise<void> {
      const learningRate = rate ?? 0.01;
      const seeds = { initialSeed: seed + 1, shuffleSeed: seed }; // the article's are 1 and 0
      const demand = yielding(unlimited); // so that signals arrive
      const it = await article({ names, hidden, learningRate, clip: 5, sampled: MADE_UP, demand, ...seeds });
      let last: ArticleStep | undefined;
      const steps = (): Observable<ArticleStep> =>
        it.steps().pipe(
          tap((step) => {
            last = step;
            if ((step.iteration + 1) % every === 0) saveMeanwhile(() => save(step));
          }),
          takeUntil(interrupted$),
        );
      const marks$ = articleMarks({ ...it, steps }, iterations, EVERY, MADE_UP).pipe(
        tap((mark) => {
          if (json) console.log(JSON.stringify(mark));
          else
            print(
              `Iteration: ${mark.iteration}, Loss: ${mark.smoothLoss.toFixed(6)}\n\n${visible(mark.names.join('\n'), { lines: true })}\n\n`,
            );
        }),
      );
      await lastValueFrom(marks$, { defaultValue: undefined });
      if (!last) return say('ended before the first name: nothing was saved');
      save(last);
      if (!json) saySaved(out);

      function save({ iteration, smoothLoss }: ArticleStep): void {
        const made = { job: 'names', parity, data, seed, lines: 'alone', iterations: iteration + 1, smoothLoss };
        const provenance = { ...made, ...(iteration + 1 < iterations && { stopped: true }) };
        saveModel(out, it.model, { vocabulary: it.symbols, provenance });
      }
    }
  },
});

/** Saves while it learns: what cannot be written now is said, and the run continues, to save at its end. */
function saveMeanwhile(save: () => void): void {
  try {
    save();
  } catch (error) {
    say(visible((error as Error).message));
  }
}

function saySaved(out: string): void {
  print(`model saved in ${visible(out)}`);
  suggest('to write with it', 'generate', '--model', out);
}

/** Makes the progress line: how far it is, the loss per character, names so far, and the speed. */
function progressOf(iterations: number): (step: NamesStep) => string {
  const started = performance.now();
  const left = timeLeft();
  return ({ iteration, smoothLoss, tokens }) => {
    const seconds = (performance.now() - started) / 1000;
    return progressLine([
      ...left((iteration + 1) / iterations),
      `${smoothLoss.toFixed(3)} nats`,
      `${iteration + 1} of ${iterations} names`,
      `${(smoothLoss / Math.LN2).toFixed(3)} bits`,
      `${Math.round(tokens / seconds / 100) * 100} char/s`,
    ]);
  };
}

function mark(iteration: number, smoothLoss: number, madeUp: readonly string[]): void {
  const loss = `${smoothLoss.toFixed(3)} nats · ${(smoothLoss / Math.LN2).toFixed(3)} bits`;
  printRow(`${String(iteration).padStart(6)}  ${loss}`, visible(madeUp.join(', ')));
}
