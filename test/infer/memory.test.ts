// Streams that come and go use the same buffers: a kernel's memory is never freed.
import { from, lastValueFrom, of, take } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  generateText,
  linear,
  type Model,
  predictThenLearn,
  rnn,
  sequential,
  sgd,
  surprisal,
  surprisalByKey,
  train,
  unlimited,
  windows,
} from '../../src/index.js';

const TOKENS = [0, 1, 2, 1, 0, 2, 2, 1];
/** Each makes a stream over one model, again and again. */
const makers: Readonly<Record<string, (model: Model) => () => Promise<unknown>>> = {
  surprisal: (model) => () => lastValueFrom(from(TOKENS).pipe(surprisal(model))),
  surprisalByKey: (model) => () =>
    lastValueFrom(of({ key: 'a', token: 1 }, { key: 'b', token: 2 }).pipe(surprisalByKey(model))),
  generateText: (model) => () => lastValueFrom(generateText(model, { maxTokens: 5, demand: unlimited })),
  'generateText, left': (model) => () => lastValueFrom(generateText(model, { demand: unlimited }).pipe(take(3))),
  predictThenLearn(model) {
    const optimizer = sgd({ learningRate: 0.1 });
    return () => lastValueFrom(from(TOKENS).pipe(predictThenLearn(model, { optimizer, steps: 3 })));
  },
  train(model) {
    const optimizer = sgd({ learningRate: 0.1 });
    return () => lastValueFrom(from(TOKENS).pipe(windows({ steps: 3 }), train(model, { optimizer })));
  },
};

for (const [name, make] of Object.entries(makers)) {
  test(`${name}: a hundred subscriptions take no more memory than two`, async () => {
    const model = sequential({
      rnn: rnn({ inputSize: 3, hiddenSize: 40 }),
      linear: linear({ inputSize: 40, outputSize: 3 }),
    });
    const run = make(model);
    const top = (): number => model.kernel.allocate(1).byteOffset;
    await run();
    await run();
    const before = top();
    for (let i = 0; i < 100; i++) await run();
    assert.is(top() - before, 128, 'what was asked for here, and nothing else');
  });
}

test.run();
