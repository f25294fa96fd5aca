import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  generateText,
  linear,
  lstm,
  type Model,
  predictThenLearn,
  rnn,
  seq2seq,
  sequential,
  sgd,
  step,
  surprisal,
  surprisalByKey,
} from '../../src/index.js';

const both = sequential({
  lstm: lstm({ inputSize: 3, hiddenSize: 2, bidirectional: true }),
  linear: linear({ inputSize: 4, outputSize: 3 }),
});
const pairs = seq2seq({
  encoder: rnn({ inputSize: 3, hiddenSize: 2 }),
  decoder: rnn({ inputSize: 3, hiddenSize: 2 }),
  fc: linear({ inputSize: 2, outputSize: 3 }),
});

const operators: Readonly<Record<string, (model: Model) => unknown>> = {
  step,
  surprisal,
  surprisalByKey,
  generateText,
  predictThenLearn: (model) => predictThenLearn(model, { optimizer: sgd({ learningRate: 0.1 }) }),
};

for (const [name, make] of Object.entries(operators)) {
  test(`${name} refuses models that need the end of a sequence`, () => {
    assert.throws(
      () => make(both),
      new RegExp(
        `^${name}: layer lstm is bidirectional: it needs the end of the sequence, which a stream does not have$`,
      ),
    );
    assert.throws(() => make(pairs), new RegExp(`^${name}: a seq2seq reads whole sequences, not a stream$`));
  });
}

test.run();
