// A page that learns a text while you look on, keeps the model, and generates text from it, also after a reload. It runs
// under `Content-Security-Policy: script-src 'self'`; `script-src 'self' 'wasm-unsafe-eval'` lets WebAssembly run, which is ten times as fast.
import * as indexedDb from './indexedDb.js';
import * as opfs from './opfs.js';
import type { Answer, Question } from './worker.js';

const text = document.querySelector('textarea')!;
const button = document.querySelector('button')!;
const status = document.querySelector('#status')!;
const output = document.querySelector('pre')!;
const STEPS = 200;
const { save, load } = 'createWritable' in (globalThis.FileSystemFileHandle?.prototype ?? {}) ? opfs : indexedDb;
const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
const ask = (question: Question): void => worker.postMessage(question);

worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
  if ('error' in data) status.textContent = data.error;
  else if ('text' in data) output.textContent += data.text;
  else if ('model' in data) void keep(data.model, data.backend);
  else status.textContent = `step ${data.step} of ${STEPS}: ${(data.loss / Math.LN2).toFixed(2)} bits per character`;
});

button.addEventListener('click', () => {
  button.disabled = true;
  ask({ learn: text.value, steps: STEPS });
});

await show(await load('model.safetensors'), 'loaded');

async function keep(model: Uint8Array<ArrayBuffer>, backend: string): Promise<void> {
  await save('model.safetensors', model);
  button.disabled = false;
  await show(model, `learned by ${backend}, saved`);
}

async function show(model: Uint8Array<ArrayBuffer> | undefined, what: string): Promise<void> {
  output.textContent = '';
  status.textContent = model ? `${what}: ${model.length} bytes` : 'no model yet';
  if (model) ask({ generate: model, prompt: text.value.slice(0, 4) });
}
