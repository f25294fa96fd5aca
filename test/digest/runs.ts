// One short training run for each cell and dtype, twice: as the pipeline of operators, and as a plain loop over windows
// without RxJS. Both must give the same bits, on every version of Node.
import { createHash } from 'node:crypto';
import { from, map, pipe, take, tap } from 'rxjs';
import {
  adam,
  clipGradNorm,
  type Dtype,
  gru,
  linear,
  lstm,
  type Model,
  type Optimizer,
  rnn,
  seeded,
  sequential,
  train,
  windows,
} from '../../src/index.js';
import { weightsDigest } from '../../pipelines/replay/weightsDigest.js';

const CELLS = { rnn, lstm, gru };
export type Cell = 'rnn' | 'lstm' | 'gru';

const [STEPS, WINDOWS, SYMBOLS, HIDDEN, CLIP] = [8, 200, 11, 20, 0.5];
const tokens = Int32Array.from({ length: STEPS * WINDOWS + 1 }, (_, i) => (i * i + (i >> 3) * 5) % SYMBOLS);

/** Every run, by name: `lstm float32`. */
export const runs: readonly (readonly [name: string, cell: Cell, dtype: Dtype])[] = (
  ['rnn', 'lstm', 'gru'] as const
).flatMap((cell) => (['float32', 'float64'] as const).map((dtype) => [`${cell} ${dtype}`, cell, dtype] as const));

/** Computes the digest of the losses and the final weights of a run through the operators. */
export function digestOfOperators(cell: Cell, dtype: Dtype): string {
  const { model, optimizer } = start(cell, dtype);
  const losses: number[] = [];
  const stages = pipe(
    windows({ steps: STEPS }),
    train(model, { optimizer, clip: clipGradNorm(CLIP) }),
    take(WINDOWS),
    map(({ loss }) => loss),
    tap((loss) => losses.push(loss)),
  );
  from(tokens).pipe(stages).subscribe();
  return digest(losses, model);
}

/** Computes the same digest with a loop: the work of the operators and nothing around it. */
export function digestOfLoop(cell: Cell, dtype: Dtype): string {
  const { model, optimizer } = start(cell, dtype);
  const { kernel } = model;
  const tape = model.tape(STEPS, 1);
  const single = kernel.allocate(STEPS);
  const losses: number[] = [];
  for (let first = 0; first < STEPS * WINDOWS; first += STEPS) {
    const targets = tokens.slice(first + 1, first + 1 + STEPS);
    if (first === 0) tape.reset(Uint8Array.of(1));
    tape.forward(tokens.slice(first, first + STEPS), STEPS, {});
    const terms = { ignoreIndex: -100, labelSmoothing: 0, weight: undefined };
    const { output, outputGradient } = tape;
    const sum = kernel.crossEntropy(single, outputGradient, output, targets, undefined, terms, STEPS, SYMBOLS);
    kernel.scale(outputGradient, 1 / STEPS, STEPS * SYMBOLS);
    tape.backward();
    const { learned } = tape.gradients;
    const factor = CLIP / (kernel.norm(learned, learned.length, 2) + 1e-6);
    if (factor < 1) kernel.scale(learned, factor, learned.length);
    optimizer.update(model, tape.gradients);
    losses.push(sum / STEPS);
  }
  return digest(losses, model);
}

function start(cell: Cell, dtype: Dtype): { model: Model; optimizer: Optimizer } {
  const layers = {
    cell: CELLS[cell]({ inputSize: SYMBOLS, hiddenSize: HIDDEN }),
    linear: linear({ inputSize: HIDDEN, outputSize: SYMBOLS }),
  };
  const model = sequential(layers, { dtype, random: seeded('digest') });
  return { model, optimizer: adam({ learningRate: 0.01 }) };
}

function digest(losses: readonly number[], model: Model): string {
  const bytes = new DataView(new ArrayBuffer(losses.length * 8));
  for (const [i, loss] of losses.entries()) bytes.setFloat64(i * 8, loss, true);
  return createHash('sha256').update(bytes).update(weightsDigest(model)).digest('hex');
}
