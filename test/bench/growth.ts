// Measures how time per unit of work grows with sizes: `npm run bench:growth -- [--only NAME] [--short] [--json]`.
//
// All sizes of a table run in turns, so that a busy machine slows all of them; the figures are medians of processor time,
// which other programs take less from than they take from the clock's. Work is counted in
// products of numbers where a size changes them, else in tokens. A step from one size to the next whose time per unit
// is more than 20 % above the one before is marked: it grows faster than linearly. The first sizes of a table fit caches
// and the last do not, which a mark may say, too.
import { Subject } from 'rxjs';
import { command, UsageError } from '../../pipelines/cli/command.js';
import {
  adaptiveCrossEntropy,
  adaptiveSoftmax,
  type Model,
  embedding,
  type HalfDtype,
  linear,
  lstm,
  ngram,
  rnn,
  sequential,
  sgd,
  surprisal,
  surprisalByKey,
  train,
  type Window,
} from '../../src/index.js';
import { median } from './timing.js';

/** One size of a table. */
interface Job {
  readonly size: number | string;
  /** Units of work per token; 1 where work is counted in tokens. */
  readonly work: number;
  /** Reads or learns at least so many tokens and returns how many. */
  run(tokens: number): number;
  end(): void;
}

interface Table {
  readonly about: string;
  readonly sizes: readonly number[];
  readonly short: readonly number[];
  job(size: number): readonly Job[];
}

const VOCABULARY = 65;
const token = (i: number, vocabulary = VOCABULARY): number => (Math.imul(i, 0x9e3779b1) >>> 0) % vocabulary;

const TABLES: Readonly<Record<string, Table>> = {
  hidden: {
    about: 'LSTM of so many units scores one stream; work: products of its weights',
    sizes: [16, 32, 64, 128, 256, 512, 1024, 2048],
    short: [32, 128, 512],
    job: (size) => [scoring(size, lstmModel(size))],
  },
  weights: {
    about: 'the same with weights of 16 bits',
    sizes: [128, 512, 1024],
    short: [128, 1024],
    job: (size) =>
      ([undefined, 'float16', 'bfloat16'] as const).map((weights) =>
        scoring(`${size} ${weights ?? 'float32'}`, lstmModel(size, weights), size),
      ),
  },
  lanes: {
    about: 'LSTM of 64 learns windows of 16 steps in so many lanes; work: tokens',
    sizes: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    short: [1, 8, 64],
    job: (lanes) => [learning(lanes, lstmModel(64), 16, lanes, VOCABULARY, 1)],
  },
  window: {
    about: 'LSTM of 64 learns one lane in windows of so many steps; work: tokens',
    sizes: [1, 3, 10, 30, 100, 300, 1000],
    short: [1, 10, 100],
    job: (steps) => [learning(steps, lstmModel(64), steps, 1, VOCABULARY, 1)],
  },
  vocabulary: {
    about: 'embedding of 32, RNN of 32 and linear layer learn 8 lanes of 16 steps; work: words of the vocabulary',
    sizes: [65, 250, 1000, 4000, 12_000, 50_000],
    short: [65, 1000, 12_000],
    job: (size) => [learning(size, words(size), 16, 8, size, size)],
  },
  clusters: {
    about: 'the same with adaptiveSoftmax and adaptiveCrossEntropy, tokens by Zipf; work: words of the vocabulary',
    sizes: [1000, 4000, 12_000, 50_000],
    short: [1000, 12_000],
    job: (size) => [learning(size, words(size, true), 16, 8, size, size, adaptiveCrossEntropy())],
  },
  keys: {
    about: 'LSTM of 32 scores so many keys in turn, 16 lanes; work: tokens',
    sizes: [1, 10, 100, 1000, 10_000, 100_000],
    short: [16, 1000, 10_000],
    job: (keys) => [byKey(keys)],
  },
  ngram: {
    about: 'n-grams of order 5 after so many tokens of a skewed source; work: tokens',
    sizes: [1000, 10_000, 100_000, 300_000],
    short: [1000, 30_000],
    job: (length) => [counting(length, length, VOCABULARY)],
  },
  ngramVocabulary: {
    about: 'the same after 50,000 tokens, by the size of the vocabulary',
    sizes: [100, 1000, 5000, 50_000],
    short: [100, 5000],
    job: (vocabulary) => [counting(vocabulary, 50_000, vocabulary)],
  },
};

await command(import.meta.url, {
  about: `Prints how time per unit of work grows with ${Object.keys(TABLES).join(', ')}, and marks steps above linear.`,
  options: {
    only: { kind: 'text', help: 'one table', choices: Object.keys(TABLES) },
    short: { kind: 'flag', help: 'fewer sizes' },
    seconds: { kind: 'number', help: 'seconds per size', initial: 1 },
    json: { kind: 'flag', help: 'print one JSON object per size and nothing else' },
  },
  async run({ only, short, seconds, json }) {
    const chosen = Object.entries(TABLES).filter(([name]) => only === undefined || name === only);
    if (chosen.length === 0) throw new UsageError(`--only: there is no table ${only}`);
    for (const [name, { about, sizes, short: few, job }] of chosen) {
      const jobs = (short ? few : sizes).flatMap(job);
      if (!json) console.log(`\n${name}: ${about}`);
      let before = Infinity;
      for (const [i, nanoseconds] of measure(jobs, seconds).entries()) {
        const { size, work } = jobs[i]!;
        const perUnit = nanoseconds / work;
        const step = perUnit / before;
        before = perUnit;
        if (json)
          console.log(JSON.stringify({ table: name, size, ns_per_token: nanoseconds, ns_per_unit: perUnit, step }));
        else {
          const marked = step > 1.2 ? `  +${Math.round(100 * (step - 1))} %` : '';
          const figures = [nanoseconds / 1000, perUnit].map((figure) => figure.toPrecision(3));
          console.log(`${String(size).padStart(14)}  ${figures[0]} us per token, ${figures[1]} ns per unit${marked}`);
        }
      }
      for (const { end } of jobs) end();
      await new Promise((resolve) => setTimeout(resolve)); // what was given back is collected
    }
  },
});

/** Nanoseconds per token of each job: all run in turns, each in chunks of about a fifteenth of its seconds. */
function measure(jobs: readonly Job[], seconds: number): number[] {
  const chunk = (1000 * seconds) / 15;
  const tokens = jobs.map(({ run }) => {
    let count = 1;
    for (;;) {
      const started = processorTime();
      const read = run(count);
      if (processorTime() - started > chunk || read > 1e7) return read;
      count = Math.ceil(read * 1.6);
    }
  });
  const times: number[][] = jobs.map(() => []);
  for (let round = 0; round < 15; round++) {
    for (const [i, { run }] of jobs.entries()) {
      const started = processorTime();
      const read = run(tokens[i]!);
      times[i]!.push(((processorTime() - started) * 1e6) / read);
    }
  }
  return times.map(median);
}

/** Milliseconds of the processor that this process has had. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function lstmModel(hiddenSize: number, weights?: HalfDtype): Model {
  return sequential(
    {
      lstm: lstm({ inputSize: VOCABULARY, hiddenSize }),
      linear: linear({ inputSize: hiddenSize, outputSize: VOCABULARY }),
    },
    { weights },
  );
}

function words(size: number, clusters = false): Model {
  const cutoffs = [Math.ceil(size / 25), Math.ceil(size / 5)];
  return sequential({
    embedding: embedding({ inputSize: size, outputSize: 32 }),
    rnn: rnn({ inputSize: 32, hiddenSize: 32 }),
    output: clusters
      ? adaptiveSoftmax({ inputSize: 32, outputSize: size, cutoffs })
      : linear({ inputSize: 32, outputSize: size }),
  });
}

function scoring(size: number | string, model: Model, hidden = Number(size)): Job {
  const token$ = new Subject<number>();
  token$.pipe(surprisal(model)).subscribe();
  return {
    size,
    work: 4 * hidden * hidden + VOCABULARY * hidden,
    run(tokens) {
      for (let i = 0; i < tokens; i++) token$.next(token(i));
      return tokens;
    },
    end() {
      token$.complete();
      model.dispose();
    },
  };
}

/** Learns one window again and again; with a loss for clusters, of tokens as often as 1 / (token + 1). */
function learning(
  size: number,
  model: Model,
  steps: number,
  lanes: number,
  vocabulary: number,
  work: number,
  loss?: ReturnType<typeof adaptiveCrossEntropy>,
): Job {
  const window$ = new Subject<Window>();
  window$.pipe(train(model, { optimizer: sgd({ learningRate: 0.01 }), loss })).subscribe();
  const inputs = Int32Array.from({ length: steps * lanes }, (_, i) => {
    const share = token(i, 1 << 20) / (1 << 20);
    return loss ? Math.floor(vocabulary ** share) - 1 : token(i, vocabulary);
  });
  const window: Window = { steps, lanes, inputs, targets: inputs };
  return {
    size,
    work,
    run(tokens) {
      const windows = Math.ceil(tokens / inputs.length);
      for (let i = 0; i < windows; i++) window$.next(window);
      return windows * inputs.length;
    },
    end() {
      window$.complete();
      model.dispose();
    },
  };
}

function byKey(keys: number): Job {
  const model = lstmModel(32);
  const item$ = new Subject<{ key: number; token: number }>();
  const subscription = item$.pipe(surprisalByKey(model, { maxSessions: Math.max(16, keys) })).subscribe();
  let key = 0;
  return {
    size: keys,
    work: 1,
    run(tokens) {
      for (let i = 0; i < tokens; i++) {
        item$.next({ key, token: token(i) });
        key = (key + 1) % keys;
      }
      return tokens;
    },
    end() {
      subscription.unsubscribe();
      model.dispose();
    },
  };
}

function counting(size: number, length: number, vocabulary: number): Job {
  const token$ = new Subject<number>();
  token$.pipe(ngram({ order: 5, vocabSize: vocabulary })).subscribe();
  let [state, place] = [1, 0];
  const next = (): void => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    const share = (state >>> 8) / 2 ** 24;
    // most tokens follow from the one before
    place = share < 0.7 ? (place * 7 + 3) % vocabulary : Math.floor(vocabulary * ((share - 0.7) / 0.3) ** 3);
    token$.next(place);
  };
  for (let i = 0; i < length; i++) next();
  return {
    size,
    work: 1,
    run(tokens) {
      for (let i = 0; i < tokens; i++) next();
      return tokens;
    },
    end: () => token$.complete(),
  };
}
