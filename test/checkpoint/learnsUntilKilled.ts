// Continues the run of attentionRun.ts in a folder and prints each step with its loss and its norm, and in the end a digest of
// the weights: `learnsUntilKilled FOLDER`.
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { argv } from 'node:process';
import { attentionRun } from './attentionRun.js';

const { model, step$ } = attentionRun(argv[2]!);
step$.subscribe({
  next: ({ step, loss, gradientNorm }) => writeSync(1, `${step} ${loss} ${gradientNorm}\n`),
  complete() {
    const { buffer, byteOffset, byteLength } = model.weights.numbers;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength).slice();
    writeSync(1, `weights ${createHash('sha256').update(bytes).digest('hex')}\n`);
  },
});
