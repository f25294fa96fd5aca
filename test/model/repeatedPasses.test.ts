// A tape whose passes the kernel repeats gives the bits of tapes that are used once: whatever comes between the passes.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { activation } from '../../src/layer/activation.js';
import { embedding } from '../../src/layer/embedding.js';
import type { Layer, LayerInput } from '../../src/layer/layer.js';
import { linear } from '../../src/layer/linear.js';
import { rnn } from '../../src/layer/rnn.js';
import type { Model, Tape } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { zeros } from '../../src/kernel/zeros.js';
import type { Random } from '../../src/random/random.js';
import { seeded } from '../../src/random/seeded.js';
import type { Numbers, State } from '../../src/types.js';
import { layers } from '../layer/support.js';

const VOCABULARY = 5;
const HIDDEN = 6;
const readout = linear({ inputSize: HIDDEN, outputSize: VOCABULARY });

const stacks: Readonly<Record<string, Readonly<Record<string, Layer>>>> = {
  ...Object.fromEntries(
    Object.entries(layers).flatMap(([kind, make]) => [
      [kind, { cell: make({ inputSize: VOCABULARY, hiddenSize: HIDDEN }), readout }],
      [
        `${kind}, two layers in both directions, with dropout`,
        {
          cell: make({
            inputSize: VOCABULARY,
            hiddenSize: HIDDEN / 2,
            numLayers: 2,
            bidirectional: true,
            dropout: 0.5,
            ...(!/^(min|rgLru)/.test(kind) && { recurrentDropout: 0.2 }), // those have no recurrent product
          }),
          readout,
        },
      ],
    ]),
  ),
  'embedding and activations': {
    embedding: embedding({ inputSize: VOCABULARY, outputSize: 4, paddingIndex: 1 }),
    rnn: rnn({ inputSize: 4, hiddenSize: HIDDEN, nonlinearity: 'relu' }),
    sigmoid: activation({ size: HIDDEN, nonlinearity: 'sigmoid' }),
    readout,
  },
  'what the kernel does not repeat': {
    rnn: rnn({ inputSize: VOCABULARY, hiddenSize: HIDDEN }),
    logSoftmax: activation({ size: HIDDEN, nonlinearity: 'logSoftmax' }),
    readout,
  },
};

/** One window after another: like the one before, longer, masked, dropped out, after a change of the weights. */
interface Pass {
  readonly steps: number;
  readonly masked?: boolean;
  readonly dropping?: boolean;
  readonly features?: boolean;
  readonly nudged?: boolean;
}

const plainly = Array.from({ length: 4 }, (): Pass => ({ steps: 3 }));
const passes: readonly Pass[] = [
  ...plainly,
  { steps: 3, nudged: true },
  ...plainly,
  { steps: 2 },
  { steps: 2 },
  { steps: 2 },
  { steps: 3, masked: true },
  ...plainly,
  { steps: 3, dropping: true },
  { steps: 3, dropping: true },
  { steps: 3, dropping: true },
  ...plainly,
  { steps: 3, features: true },
  { steps: 3, features: true },
  { steps: 3, features: true, nudged: true },
  { steps: 3, features: true },
  ...plainly,
];

/** What windows, one after another, leave: outputs, gradients, states. `again` gives the tape for each. */
function run(
  model: Model,
  tokensOnly: boolean,
  lanes: number,
  again: (carried: State | undefined) => Tape,
): number[][] {
  const random = seeded('windows');
  let carried: State | undefined;
  return passes.map(({ steps, masked, dropping, features, nudged }, i) => {
    const rows = steps * lanes;
    const tokens = Int32Array.from({ length: rows }, () => random.integer(VOCABULARY + 1) - 1);
    const given = normals(model, rows * VOCABULARY, random);
    const input: LayerInput = features && !tokensOnly ? given : tokens;
    if (nudged) {
      for (let k = 0; k < model.weights.numbers.length; k++) model.weights.numbers[k]! += random.normal(0, 0.1);
      model.kernel.weightsChanged();
    }
    const tape = again(carried);
    tape.forward(input, steps, {
      mask: masked ? Uint8Array.from({ length: rows }, (_, r) => (r % 3 === 1 ? 0 : 1)) : undefined,
      dropoutRandom: dropping ? seeded(i) : undefined,
    });
    const output = [...tape.output.subarray(0, rows * VOCABULARY)];
    tape.outputGradient.set(normals(model, rows * VOCABULARY, random));
    tape.backward(i % 5 === 4 ? tape.state() : undefined, { inputGradient: input === given });
    carried = tape.state();
    const at = input === given ? [...tape.inputGradient().data] : [];
    return [output, [...tape.gradients.numbers], at, numbersOf(carried), numbersOf(tape.stateGradient())].flat();
  });
}

function normals({ dtype }: Model, length: number, random: Random): Numbers {
  return zeros(dtype, length).map(() => random.normal());
}

const numbersOf = (state: State): number[] => [...state.values()].flatMap(({ data }) => [...data]);

for (const dtype of ['float32', 'float64'] as const) {
  for (const lanes of [1, 3]) {
    for (const [name, parts] of Object.entries(stacks)) {
      test(`${dtype}, ${name}, ${lanes} lanes`, () => {
        const tokensOnly = 'embedding' in parts;
        const [one, other] = [0, 1].map(() => sequential(parts, { dtype, random: seeded(3) }));
        const tape = one!.tape(3, lanes);
        const repeated = run(one!, tokensOnly, lanes, () => tape);
        const once = run(other!, tokensOnly, lanes, (carried) => {
          const fresh = other!.tape(3, lanes);
          if (carried) fresh.setState(carried);
          return fresh;
        });
        for (const [i, numbers] of repeated.entries()) assert.equal(numbers, once[i], `window ${i}`);
      });
    }
  }
}

test.run();
