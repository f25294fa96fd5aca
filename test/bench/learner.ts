import { identity, lastValueFrom, type Observable, takeWhile } from 'rxjs';
import { clipGradValue, type Model, type Optimizer, train, type Window } from '../../src/index.js';
import type { Each } from './job.js';

/** What one model learns with. */
export interface Learner {
  readonly model: Model;
  readonly optimizer: Optimizer;
  /** Gradients are held to ± this. */
  readonly clip?: number;
}

/** Learns through the operators until `each` says no. */
export async function learn(
  { model, optimizer, clip }: Learner,
  windows$: Observable<Window>,
  each: Each,
): Promise<void> {
  const steps$ = windows$.pipe(
    train(model, { optimizer, clip: clip === undefined ? identity : clipGradValue(clip) }),
    takeWhile(({ loss }) => each(loss)),
  );
  await lastValueFrom(steps$, { defaultValue: undefined });
}

/** The same work, window by window, with nothing around the kernels: no events, handles, checks or norms. */
export function bareLoop({ model, optimizer, clip }: Learner, list: readonly Window[]): (each: Each) => Promise<void> {
  const { kernel, outputSize } = model;
  const { steps, lanes } = list[0]!;
  const rows = steps * lanes;
  const tape = model.tape(steps, lanes);
  const losses = new Float32Array(rows);
  const terms = { ignoreIndex: -100, labelSmoothing: 0, weight: undefined };

  function update({ source, inputs, targets, mask, resets }: Window): number {
    if (resets) tape.reset(resets);
    tape.forward(inputs, steps, { source });
    const { output, outputGradient, gradients } = tape;
    const sum = kernel.crossEntropy(
      losses,
      outputGradient,
      output,
      targets as Int32Array,
      mask,
      terms,
      rows,
      outputSize,
    );
    kernel.scale(outputGradient, 1 / rows, rows * outputSize);
    tape.backward();
    if (clip !== undefined) kernel.clamp(gradients.learned, clip, gradients.learned.length);
    optimizer.update(model, gradients);
    return sum / rows;
  }
  return async (each) => {
    for (let i = 0; each(update(list[i]!)); i = (i + 1) % list.length);
  };
}
