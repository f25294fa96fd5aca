// A measure of your own for `validate`: the share of held-out tokens that the model does not rank first. `earlyStop` and
// the best checkpoint go by its `loss`; all else that it gives is passed on.
import { lastValueFrom, map, pipe, reduce, toArray } from 'rxjs';
import { adam, earlyStop, gru, linear, type Model, outputs, pull, sequential, train, unroll } from 'rxrnn';
import { validate, windows } from 'rxrnn';

const errorRate = (model: Model) =>
  pipe(
    unroll(model),
    map((unrolled) => {
      const { data } = outputs(unrolled);
      const rows = [...unrolled.window.targets].map((target, i) => {
        const row = data.subarray(i * model.outputSize, (i + 1) * model.outputSize);
        return row.indexOf(Math.max(...row)) === target;
      });
      return { wrong: rows.filter((right) => !right).length, count: rows.length };
    }),
    reduce((sum, { wrong, count }) => ({ wrong: sum.wrong + wrong, count: sum.count + count })),
    map(({ wrong, count }) => ({ loss: wrong / count, wrong, count })),
  );

const model = sequential({
  gru: gru({ inputSize: 5, hiddenSize: 12 }),
  readout: linear({ inputSize: 12, outputSize: 5 }),
});
const window$ = (length: number) => pull(Array.from({ length }, (_, i) => (i * i) % 5)).pipe(windows({ steps: 10 }));
const learned$ = window$(2001).pipe(
  train(model, { optimizer: adam({ learningRate: 0.02 }) }),
  validate(model, window$(41), { every: 10, measure: errorRate(model) }),
  earlyStop({ patience: 3 }),
);
const steps = await lastValueFrom(learned$.pipe(toArray()));
const figures = steps.flatMap(({ validation }) => validation ?? []);
console.log(figures[0]!.count, figures[0]!.wrong > figures.at(-1)!.wrong, steps.length < 200); // -> 40 true true
