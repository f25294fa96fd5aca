// A sweep: several settings are tried on the same data, two at a time, and the one with the least held-out loss is kept. The
// others give their memory back.
import { defer, from, lastValueFrom, map, mergeMap, reduce, repeat } from 'rxjs';
import { adam, evaluate, gru, linear, pull, seeded, sequential, train, unlimited, windows, yielding } from 'rxrnn';

const data = Array.from({ length: 1200 }, (_, i) => (i * i + (i >> 2)) % 8);
const window$ = (from: number, to: number) =>
  pull(data.slice(from, to), yielding(unlimited)).pipe(windows({ steps: 20 }));

const settings = [0.001, 0.01].flatMap((learningRate) => [4, 16].map((hiddenSize) => ({ learningRate, hiddenSize })));
const tried$ = from(settings).pipe(
  mergeMap(({ learningRate, hiddenSize }) => {
    const layers = {
      gru: gru({ inputSize: 8, hiddenSize }),
      linear: linear({ inputSize: hiddenSize, outputSize: 8 }),
    };
    const model = sequential(layers, { random: seeded(0) });
    const learned$ = window$(0, 1000).pipe(repeat(8), train(model, { optimizer: adam({ learningRate }) }));
    return defer(() => lastValueFrom(learned$)).pipe(
      mergeMap(() => window$(1000, 1200).pipe(evaluate(model))),
      map(({ loss }) => ({ model, learningRate, hiddenSize, loss })),
    );
  }, 2),
  reduce((best, tried) => {
    const [kept, dropped] = tried.loss < best.loss ? [tried, best] : [best, tried];
    dropped.model.dispose();
    return kept;
  }),
);
const { learningRate, hiddenSize, loss } = await lastValueFrom(tried$);
console.log(learningRate, hiddenSize, loss < 1); // -> 0.01 16 true
