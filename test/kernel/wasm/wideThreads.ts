// A program, run as a bundle: prints as JSON what `wideVectors` answers a thread that starts before the main thread calls
// it, the main thread, and three threads that start afterwards, with the vectors of a kernel made there.
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { wasm } from '../../../src/kernel/wasm/wasm.js';
import { type WideVectors, wideVectors } from '../../../src/kernel/wasm/wideVectors.js';

export interface Answer extends WideVectors {
  readonly vectorBits: number | undefined;
}

export interface Answers {
  readonly early: Answer;
  readonly own: Answer;
  readonly late: readonly Answer[];
}

function answer(): Answer {
  const answered = wideVectors();
  return { ...answered, vectorBits: wasm('float32').vectorBits };
}

function answerOfThread(): Promise<Answer> {
  return new Promise((resolve, reject) => {
    new Worker(new URL(import.meta.url)).once('message', resolve).once('error', reject);
  });
}

if (isMainThread) {
  const early = await answerOfThread();
  const own = answer();
  const late = await Promise.all([answerOfThread(), answerOfThread(), answerOfThread()]);
  console.log(JSON.stringify({ early, own, late } satisfies Answers));
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
else parentPort!.postMessage(answer());
