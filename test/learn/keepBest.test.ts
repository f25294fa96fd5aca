import { concat, of, Subject, throwError } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keepBest, type KeepBestOptions } from '../../src/learn/keepBest.js';
import type { Figures, ValidatedStep } from '../../src/learn/validate.js';
import { linear } from '../../src/layer/linear.js';
import { loadStateDict } from '../../src/model/loadStateDict.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';

type Step = ValidatedStep<Figures & { readonly other?: number }>;

/** A run whose weight after each step is the step's number. */
function run(losses: readonly (number | undefined)[], options?: KeepBestOptions<Figures & { other?: number }>) {
  const model = sequential({ linear: linear({ inputSize: 1, outputSize: 1, bias: false }) });
  const step$ = new Subject<Step>();
  const kept$ = step$.pipe(keepBest(model, options));
  const subscription = kept$.subscribe({ error: () => undefined });
  for (const [i, loss] of losses.entries()) {
    const step = i + 1;
    loadStateDict(model, new Map([['linear.weight', { shape: [1, 1], data: Float32Array.of(step) }]]));
    const plain = { step, tokens: step, loss: 1, gradientNorm: 1, learningRate: 1 };
    step$.next(loss === undefined ? plain : { ...plain, validation: { loss, other: -loss } });
  }
  return { model, step$, subscription };
}
const weightOf = (model: Model): number => model.weights.numbers[0]!;

const LOSSES = [5, undefined, 4, 4, NaN, 6];
for (const [how, end] of [
  ['completes', ({ step$ }) => step$.complete()],
  ['fails', ({ step$ }) => step$.error(new Error('x'))],
  ['is left', ({ subscription }) => subscription.unsubscribe()],
] as const satisfies readonly (readonly [string, (of: ReturnType<typeof run>) => void])[]) {
  test(`the weights of the least loss are in the model when the run ${how}`, () => {
    const it = run(LOSSES);
    assert.is(weightOf(it.model), 6);
    end(it);
    assert.is(weightOf(it.model), 3);
  });
}

test('by another figure; without a validation nothing changes', () => {
  const it = run(LOSSES, { by: ({ other }) => other! });
  it.step$.complete();
  assert.is(weightOf(it.model), 6);
  const none = run([undefined, undefined]);
  none.step$.complete();
  assert.is(weightOf(none.model), 2);
});

test('the weights are back before the completion and the error are passed on', () => {
  for (const end of [of<never>(), throwError(() => new Error('x'))]) {
    const { model } = run([]);
    const set = (weight: number): unknown =>
      loadStateDict(model, new Map([['linear.weight', { shape: [1, 1], data: Float32Array.of(weight) }]]));
    set(7);
    const step: Step = { step: 1, tokens: 1, loss: 1, gradientNorm: 1, learningRate: 1, validation: { loss: 1 } };
    const seen: number[] = [];
    concat(of(step), end)
      .pipe(keepBest<Step>(model))
      .subscribe({
        next: () => set(8),
        error: () => seen.push(weightOf(model)),
        complete: () => seen.push(weightOf(model)),
      });
    assert.equal(seen, [7]);
  }
});

test('refused: a figure that is not a number', () => {
  const failed: Error[] = [];
  const { model } = run([]);
  of<Step>({ step: 1, tokens: 1, loss: 1, gradientNorm: 1, learningRate: 1, validation: { loss: 1 } })
    .pipe(keepBest(model, { by: () => 'x' as never }))
    .subscribe({ error: (error: Error) => failed.push(error) });
  assert.match(failed[0]!.message, /keepBest: what by returns must be a number, got "x"/);
});

test.run();
