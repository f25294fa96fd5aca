// A page that uses the library: it trains, records the training, reads a model file and generates text.
import { from, lastValueFrom, map, take, toArray } from 'rxjs';
import {
  adam,
  clipGradNorm,
  compressor,
  decompressor,
  generateText,
  gru,
  linear,
  lineScorer,
  lstm,
  readModel,
  rnn,
  seeded,
  sequential,
  stateDict,
  surprisal,
  train,
  windows,
} from '../../src/index.browser.js';
import { parse, print, recorder } from '../../src/recording.browser.js';

const CELLS = { rnn, lstm, gru };
const [STEPS, WINDOWS, SYMBOLS, HIDDEN] = [8, 50, 11, 20];
const tokens = Int32Array.from({ length: STEPS * WINDOWS + 1 }, (_, i) => (i * i + (i >> 3) * 5) % SYMBOLS);

/** All results as one JSON text, numbers to the bit; `bytes` is a model file with a vocabulary. */
export async function program(bytes: Uint8Array): Promise<string> {
  const learned = Object.values(CELLS).flatMap((cell) =>
    (['float32', 'float64'] as const).map((dtype) => {
      const model = sequential(
        {
          cell: cell({ inputSize: SYMBOLS, hiddenSize: HIDDEN }),
          linear: linear({ inputSize: HIDDEN, outputSize: SYMBOLS }),
        },
        { dtype, random: seeded(7) },
      );
      const run = recorder();
      from(tokens)
        .pipe(
          windows({ steps: STEPS }),
          train(model, { optimizer: adam({ learningRate: 0.01 }), clip: clipGradNorm(0.5) }),
          take(WINDOWS),
          map(({ loss }) => loss),
          run.record('loss'),
        )
        .subscribe();
      const text = print(run.recording());
      const weights = [...stateDict(model)].map(([name, { data }]) => [name, [...data]]);
      return { text, again: print(parse(text)) === text, weights };
    }),
  );

  const { model, vocabulary } = readModel(bytes);
  const generated = generateText(model, { maxTokens: 40, random: seeded(3) });
  const drawn = await lastValueFrom(generated.pipe(toArray()));
  const read = from([...'ada'].map((letter) => vocabulary!.token(letter)!)).pipe(surprisal(model), toArray());
  return JSON.stringify({ learned, drawn, read: await lastValueFrom(read), ...ofLog() });
}

/** The code of a log, whether it is decoded to the same bytes, and the scores of its lines. */
function ofLog(): { readonly code: number[]; readonly decoded: boolean; readonly scores: number[] } {
  const lines = Array.from({ length: 300 }, (_, i) =>
    i % 97 === 96
      ? `Nov 29 10:00:${i % 60} ñ kernel: I/O error, dev sdb, sector ${i * i}`
      : `session ${i} of user${i % 7}`,
  );
  const bytes = new TextEncoder().encode(lines.join('\n'));
  const coder = compressor();
  const code = [...coder.add(bytes), ...coder.end()];
  const decoder = decompressor();
  const decoded = decoder.add(Uint8Array.from(code));
  decoder.end();
  const scorer = lineScorer();
  return {
    code,
    decoded: decoded.length === bytes.length && decoded.every((byte, i) => byte === bytes[i]),
    scores: lines.map((line) => scorer.score(line).score),
  };
}
