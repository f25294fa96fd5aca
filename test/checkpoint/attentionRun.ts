import { map, type Observable, range } from 'rxjs';
import { checkpoint } from '../../src/checkpoint/checkpoint.js';
import { latestCheckpoint } from '../../src/checkpoint/latestCheckpoint.js';
import { attention } from '../../src/layer/attention.js';
import { embedding } from '../../src/layer/embedding.js';
import { gru } from '../../src/layer/gru.js';
import { linear } from '../../src/layer/linear.js';
import { adam } from '../../src/learn/adam.js';
import { trainer } from '../../src/learn/trainer.js';
import { seq2seq, type Seq2seq } from '../../src/model/seq2seq.js';
import { seeded } from '../../src/random/seeded.js';
import type { TrainingStep, Window } from '../../src/types.js';

export const STEPS = 24;

const [TOKENS, HIDDEN, LANES] = [7, 6, 2];

/**
 * Learns to repeat sequences of different lengths, with dropout, by an encoder–decoder that looks at its source before
 * each step, and saves in a folder after every second step; continues from the newest checkpoint there.
 */
export function attentionRun(folder: string): { readonly model: Seq2seq; readonly step$: Observable<TrainingStep> } {
  const saved = latestCheckpoint(folder);
  const model = (saved?.model as Seq2seq | undefined) ?? make();
  const learner = trainer(model, { optimizer: adam(), dropoutRandom: seeded('dropout'), resumeFrom: saved?.training });
  const done = saved?.training.step ?? 0;
  const step$ = range(done, STEPS - done).pipe(
    map(windowAt),
    learner.learn,
    checkpoint({ trainer: learner, folder, every: 2, resumeFrom: saved }),
  );
  return { model, step$ };
}

function make(): Seq2seq {
  const layers = {
    encoderEmbedding: embedding({ inputSize: TOKENS, outputSize: 4 }),
    encoder: gru({ inputSize: 4, hiddenSize: HIDDEN, numLayers: 2, dropout: 0.3 }),
    decoderEmbedding: embedding({ inputSize: TOKENS, outputSize: 4 }),
    attention: attention({ score: 'additive', querySize: HIDDEN, keySize: HIDDEN, attentionSize: 5 }),
    decoder: gru({ inputSize: 4 + HIDDEN, hiddenSize: HIDDEN, numLayers: 2, dropout: 0.3 }),
    fc: linear({ inputSize: HIDDEN, outputSize: TOKENS }),
  };
  return seq2seq(layers, { random: seeded('weights') });
}

function windowAt(i: number): Window {
  const random = seeded(`window ${i}`);
  const steps = 2 + random.integer(4);
  const length = steps * LANES;
  const inputs = Int32Array.from({ length }, () => random.integer(TOKENS));
  const mask = new Uint8Array(length).fill(1);
  if (i % 2 === 1) mask[length - 1] = 0; // the second lane is one shorter
  return { steps, lanes: LANES, inputs, targets: inputs, mask, source: { steps, inputs, mask } };
}
