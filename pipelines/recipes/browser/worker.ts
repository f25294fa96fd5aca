// The part of the page that computes, in a Web Worker, so that the page stays free: it learns a text, gives the bytes of
// the model, and generates text from such bytes.
import { from, lastValueFrom, repeat, take, tap } from 'rxjs';
import { adam, encode, generateText, linear, lstm, modelBytes, readModel, seeded, sequential } from 'rxrnn';
import { train, vocabularyOf, windows } from 'rxrnn';

/** What the page asks for. */
export type Question =
  | { readonly learn: string; readonly steps: number }
  | { readonly generate: Uint8Array<ArrayBuffer>; readonly prompt: string };

/** What it gets: how far the training is, a model, text as it is drawn, or why there is none. */
export type Answer =
  | { readonly step: number; readonly loss: number }
  | { readonly model: Uint8Array<ArrayBuffer>; readonly backend: string }
  | { readonly text: string }
  | { readonly error: string };

const answer = (answer: Answer): void => self.postMessage(answer);

self.addEventListener('message', ({ data }: MessageEvent<Question>) => {
  ('learn' in data ? learn(data.learn, data.steps) : generate(data.generate, data.prompt)).catch((error: unknown) =>
    answer({ error: String(error) }),
  );
});

async function learn(text: string, steps: number): Promise<void> {
  const symbols = vocabularyOf([...new Set(text)]);
  const model = sequential({
    lstm: lstm({ inputSize: symbols.size, hiddenSize: 48 }),
    linear: linear({ inputSize: 48, outputSize: symbols.size }),
  });
  const step$ = from(text).pipe(
    repeat(),
    encode(symbols),
    windows({ steps: 24 }),
    train(model, { optimizer: adam({ learningRate: 0.01 }) }),
    tap(({ step, loss }) => step % 20 === 0 && answer({ step, loss })),
    take(steps),
  );
  await lastValueFrom(step$);
  answer({ model: new Uint8Array(modelBytes(model, { vocabulary: symbols })), backend: model.kernel.backend });
}

async function generate(bytes: Uint8Array, prompt: string): Promise<void> {
  const { model, vocabulary } = readModel(bytes);
  const text$ = generateText(model, { vocabulary: vocabulary!, prompt, maxTokens: 80, random: seeded(0) });
  await lastValueFrom(text$.pipe(tap(({ text }) => answer({ text }))));
}
