import type { Snapshot } from '../../src/checkpoint/snapshot.js';
import type { TrainingState } from '../../src/learn/trainingState.js';
import { linear } from '../../src/layer/linear.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import { vocabularyOf } from '../../src/token/vocabularyOf.js';
import type { Tensors } from '../../src/types.js';

const { configuration } = sequential({ linear: linear({ inputSize: 16, outputSize: 64 }) });

/** A snapshot whose numbers tell its step: 9 kB, and 8 bytes for each of its losses. */
export function snapshotOf(step: number, { losses = 1 }: { losses?: number } = {}): Snapshot {
  const weights: Tensors = new Map([
    ['linear.weight', { shape: [64, 16], data: new Float32Array(1024).fill(step) }],
    ['linear.bias', { shape: [64], data: new Float32Array(64).fill(step) }],
  ]);
  const moments: Tensors = new Map([...weights].map(([name, tensor]) => [`velocity.${name}`, tensor]));
  const training: TrainingState = {
    configuration,
    step,
    tokens: step * 10,
    weights,
    optimizer: { kind: 'sgd', updates: step, powers: {}, moments },
    hidden: new Map([['rnn.h', { shape: [1, 1, 2], data: Float32Array.of(step, step) }]]),
    dropoutRandom: seeded(step).state(),
  };
  return {
    training,
    vocabulary: vocabularyOf(['a', 'é']),
    place: { epoch: 1, stages: { text: [step, 2] } },
    randoms: { samples: seeded('samples').state() },
    losses: Array<number>(losses).fill(step),
    validations: [{ step, loss: 1.5 }],
    nextLoss: step + 0.1,
    data: 'digest',
    config: { data: 'x' },
  };
}
