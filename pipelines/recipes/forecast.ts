// Forecasts of a table of numbers: columns, a scaling that is kept with the model, windows, training, and the next rows in
// the units of the data, by a linear map with a network beside it.
import { lastValueFrom, repeat, toArray } from 'rxjs';
import { adam, autoregression, bundledFile, columns, csv, forecast, gru, linear, pull, saveModel } from 'rxrnn';
import { scale, scaling, sequential, seriesWindows, squaredError, train } from 'rxrnn';

const [names, horizon] = [['value', 'temperature'], 3];
const rows = await lastValueFrom(csv(bundledFile('load.csv'), { columns: names }).pipe(columns(...names), toArray()));
const fitted = await lastValueFrom(pull(rows).pipe(scaling()));

const model = sequential(
  {
    gru: gru({ inputSize: 2, hiddenSize: 16 }),
    linear: linear({ inputSize: 16, outputSize: 2 * horizon }),
  },
  { skip: autoregression({ inputSize: 2, steps: 24, horizon }) },
);
const step$ = pull(rows).pipe(
  scale(fitted),
  seriesWindows({ steps: 32, horizon }),
  repeat(3),
  train(model, { optimizer: adam({ learningRate: 0.003 }), loss: squaredError() }),
);
const steps = await lastValueFrom(step$.pipe(toArray()));
console.log(steps.at(-1)!.loss < steps[0]!.loss / 2); // -> true

saveModel('load.safetensors', model, { scaling: fitted });
const { predicted } = await lastValueFrom(pull(rows).pipe(forecast(model, { steps: 3, scaling: fitted })));
const plausible = predicted.every(([load]) => load! > 40 && load! < 120);
console.log(predicted.length, plausible); // -> 3 true
