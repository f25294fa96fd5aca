// What is unusual in a metric, as it arrives: a network predicts each value and learns from it, and its error is compared
// with those before. `pipelines/detect.ts` looks at four more views.
import { filter, from, map } from 'rxjs';
import { adam, gru, linear, predictThenLearn, seeded, sequential, tailSurprisal } from 'rxrnn';

const random = seeded(1);
const rows = Array.from({ length: 3000 }, (_, i) => [Math.sin(i / 12) + 0.1 * random.normal() + (i === 2500 ? 2 : 0)]);

const model = sequential({
  gru: gru({ inputSize: 1, hiddenSize: 12 }),
  linear: linear({ inputSize: 12, outputSize: 1 }),
});
from(rows)
  .pipe(
    predictThenLearn(model, { optimizer: adam({ learningRate: 0.005 }), head: 'value', steps: 16 }),
    map(({ error }) => Math.abs(error[0]!)),
    tailSurprisal(),
    map((bits, index) => ({ row: index + 1, bits })), // the first row is not predicted
    filter(({ bits }) => bits > 12),
  )
  .subscribe(({ row }) => console.log(row)); // -> 2500
