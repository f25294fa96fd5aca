// A token beside numbers in, and two outputs with a loss each: the next event of a machine, and the hours until then.
import { lastValueFrom, range, map } from 'rxjs';
import { accuracy, adam, crossEntropy, embedColumn, epochs, evaluate, jointLoss, linear, lstm } from 'rxrnn';
import { meanAbsoluteError, ofHead, sequential, squaredError, train, type Window } from 'rxrnn';

// after `start` (0) comes `work` (1), after that `stop` (2); work takes as many hours as the start took, a stop one
const rows = range(0, 20).pipe(
  map((i): Window => {
    const hours = (i % 4) / 2;
    const inputs = Float32Array.of(0, hours, 1, hours, 2, 1);
    return { steps: 2, lanes: 1, inputs: inputs.slice(0, 4), targets: inputs.slice(2), resets: Uint8Array.of(1) };
  }),
);
const model = sequential({
  event: embedColumn({ inputSize: 2, tokens: 3, embeddingSize: 4 }),
  lstm: lstm({ inputSize: 5, hiddenSize: 12 }),
  heads: linear({ inputSize: 12, outputSize: 4 }),
});
const loss = jointLoss({
  event: { outputs: 3, targets: 'token', loss: crossEntropy() },
  hours: { outputs: 1, loss: squaredError(), weight: 0.5 },
});
const passes$ = rows.pipe(epochs(train(model, { optimizer: adam({ learningRate: 0.02 }), loss }), { count: 40 }));
console.log(Object.keys((await lastValueFrom(passes$)).heads!)); // -> [ 'event', 'hours' ]
const measures = { right: ofHead('event', accuracy()), off: ofHead('hours', meanAbsoluteError()) };
const { right, off } = await lastValueFrom(rows.pipe(evaluate(model, { loss, measures })));
console.log(right, off < 0.05); // -> 1 true
