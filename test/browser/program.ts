// A page that uses the library: it trains, records the training, reads a model file and generates text.
import { from, lastValueFrom, map, take, toArray } from 'rxjs';
import {
  adam,
  clipGradNorm,
  generateText,
  gru,
  linear,
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
  return JSON.stringify({ learned, drawn, read: await lastValueFrom(read) });
}
