import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LayerInput } from '../../src/layer/layer.js';
import { embedding } from '../../src/layer/embedding.js';
import { linear } from '../../src/layer/linear.js';
import type { Layer } from '../../src/layer/layer.js';
import { rgLru } from '../../src/layer/rgLru.js';
import type { Model, Tape } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { numpyRandom } from '../../src/random/numpyRandom.js';
import type { Numbers, State } from '../../src/types.js';
import { cells, layers, normals, randomState, restartDraws, tokens, variants } from './support.js';
import { centralDifferences } from '../support/centralDifferences.js';

/** Objective: Σ output · a + Σ final state · b, with a and b at random. */
interface Problem {
  readonly model: Model;
  readonly tape: Tape;
  readonly steps: number;
  readonly input: LayerInput;
  readonly initial: State;
  readonly atOutput: Numbers;
  readonly atState: State;
}

function problem(parts: Record<string, Layer>, steps: number, lanes: number, onTokens = false): Problem {
  const model = sequential(parts, { dtype: 'float64', random: numpyRandom(3) });
  restartDraws(11);
  return {
    model,
    tape: model.tape(steps + 2, lanes), // with room to spare
    steps,
    input: onTokens ? tokens(steps * lanes, model.inputSize) : normals(model, steps * lanes * model.inputSize),
    initial: randomState(model, lanes),
    atOutput: normals(model, steps * lanes * model.outputSize),
    atState: randomState(model, lanes),
  };
}

function dot(a: Numbers, b: Numbers): number {
  let sum = 0;
  for (const [i, x] of a.entries()) sum += x * b[i]!;
  return sum;
}

function objective({ model, tape, steps, input, initial, atOutput, atState }: Problem): number {
  model.kernel.weightsChanged();
  tape.setState(initial);
  tape.forward(input, steps);
  let sum = dot(atOutput, tape.output);
  for (const [name, { data }] of tape.state()) sum += dot(data, atState.get(name)!.data);
  return sum;
}

/** All gradients, of parameters, initial state and features, against central differences. */
function check(it: Problem): void {
  const { model, tape, input, initial, atOutput, atState } = it;
  const features = input instanceof Int32Array ? undefined : input;
  objective(it);
  tape.outputGradient.set(atOutput);
  tape.backward(atState, { inputGradient: features !== undefined });
  const atInitial = tape.stateGradient();
  const gradients: [name: string, at: Numbers, gradient: Numbers][] = [
    ...[...model.weights.tensors].map(
      ([name, { data }]) => [name, data, tape.gradients.tensors.get(name)!.data.slice()] as [string, Numbers, Numbers],
    ),
    ...[...initial].map(
      ([name, { data }]) => [`initial ${name}`, data, atInitial.get(name)!.data] as [string, Numbers, Numbers],
    ),
  ];
  if (features) gradients.push(['input', features, tape.inputGradient().data]);
  for (const [name, numbers, gradient] of gradients) {
    const { relative, zeros } = centralDifferences(numbers, gradient, () => objective(it));
    assert.not.ok(zeros, `${name}: a gradient of zeros proves nothing`);
    assert.ok(relative < 1e-6, `${name}: relative error ${relative} against central differences`);
    largest = Math.max(largest, relative);
  }
}
let largest = 0;

const kinds: [string, (options: never) => Layer][] = [
  ...Object.entries(layers),
  ...Object.entries(variants),
  ...(['relu', 'sigmoid', 'identity'] as const).map(
    (nonlinearity) =>
      [`rnn ${nonlinearity}`, (options: object) => layers['rnn']!({ ...options, nonlinearity } as never)] as never,
  ),
];
/** Each number of layers with each of the others, for kinds whose products are those of torch; else a choice. */
const shapesOf = (
  kind: string,
): [numLayers: number, bidirectional: boolean, bias: boolean, steps: number, lanes: number][] =>
  /^(rnn|gru|lstm$|minGru$)/.test(kind)
    ? [1, 2].flatMap((numLayers) =>
        [false, true].flatMap((bidirectional) =>
          [true, false].flatMap((bias) =>
            [
              [1, 1],
              [5, 1],
              [4, 3],
            ].map(([steps, lanes]) => [numLayers, bidirectional, bias, steps!, lanes!] as never),
          ),
        ),
      )
    : [
        [2, true, true, 4, 3],
        [2, false, false, 5, 1],
        [1, true, false, 1, 1],
      ];

for (const [kind, make] of kinds) {
  for (const [numLayers, bidirectional, bias, steps, lanes] of shapesOf(kind)) {
    const name = `${kind}, ${numLayers} layers, ${bidirectional ? 'both ways' : 'one way'}, bias ${bias}`;
    test(`${name}, ${steps} × ${lanes}`, () => {
      const options = { inputSize: 3, hiddenSize: 5, numLayers, bidirectional, bias };
      check(problem({ it: make(options as never) }, steps, lanes));
    });
  }
  test(`${kind} on tokens below a linear layer`, () => {
    const lower = make({ inputSize: 6, hiddenSize: 5, bidirectional: true } as never);
    const upper = linear({ inputSize: lower.outputSize, outputSize: 3 });
    check(problem({ lower, upper }, 5, 2, true));
  });
}

for (const [kind, make] of Object.entries(cells)) {
  for (const bias of [true, false]) {
    test(`${kind}, bias ${bias}`, () => check(problem({ it: make({ inputSize: 3, hiddenSize: 5, bias }) }, 4, 2)));
  }
}

test('rgLru without a projection', () => {
  const layer = rgLru({ inputSize: 4, hiddenSize: 4, heads: 2, projection: false, numLayers: 2 });
  check(problem({ it: layer }, 5, 2));
});

test('gru on an embedding below an lstm', () => {
  const lower = layers['gru']!({ inputSize: 4, hiddenSize: 3, bidirectional: true });
  const upper = layers['lstm']!({ inputSize: 6, hiddenSize: 3 });
  check(problem({ embedding: embedding({ inputSize: 4, outputSize: 4 }), lower, upper }, 6, 2, true));
});

test('the largest relative error of all', () => {
  console.log(`largest relative error against central differences: ${largest.toExponential(1)}`);
  assert.ok(largest > 0);
});

for (const [kind, make] of Object.entries(layers)) {
  test(`${kind}: two windows with the state's gradient handed back have the gradient of the whole`, () => {
    const it = problem({ it: make({ inputSize: 3, hiddenSize: 4, numLayers: 2 }) }, 7, 2);
    const { model, tape, input, initial, atOutput, atState } = it;
    objective(it);
    tape.outputGradient.set(atOutput);
    tape.backward(atState, { inputGradient: true });
    const whole = [...tape.gradients.learned];
    const [wholeInput, wholeState] = [tape.inputGradient().data, tape.stateGradient()];

    const cut = 3 * 2;
    const [early, late] = [model.tape(3, 2), model.tape(4, 2)];
    early.setState(initial);
    early.forward((input as Numbers).slice(0, cut * 3), 3);
    late.setState(early.state());
    late.forward((input as Numbers).slice(cut * 3), 4);
    late.outputGradient.set(atOutput.slice(cut * 4));
    late.backward(atState, { inputGradient: true });
    early.outputGradient.set(atOutput.slice(0, cut * 4));
    early.backward(late.stateGradient(), { inputGradient: true });
    const sum = [...early.gradients.learned].map((value, i) => value + late.gradients.learned[i]!);
    const near = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
      a.length === b.length && Array.from(a).every((value, i) => Math.abs(value - b[i]!) < 1e-13);
    assert.ok(near(sum, whole));
    assert.ok(near([...early.inputGradient().data, ...late.inputGradient().data], wholeInput));
    for (const [name, { data }] of early.stateGradient()) assert.ok(near(data, wholeState.get(name)!.data), name);
  });

  test(`${kind}: backward can be repeated, and is truncated without a gradient at the final state`, () => {
    const it = problem({ it: make({ inputSize: 3, hiddenSize: 4, numLayers: 2, bidirectional: true }) }, 3, 2);
    const back = (final?: State): number[] => {
      it.tape.outputGradient.set(it.atOutput);
      it.tape.backward(final, { inputGradient: true });
      return [...it.tape.gradients.learned, ...it.tape.inputGradient().data];
    };
    objective(it);
    const once = back(it.atState);
    const truncated = back();
    assert.equal(back(it.atState), once);
    assert.equal(back(it.model.zeroState(2)), truncated);
    assert.not.equal(once, truncated);
  });
}

test('the gradient at the input is refused where there is none', () => {
  const it = problem({ it: layers['gru']!({ inputSize: 3, hiddenSize: 2 }) }, 2, 1);
  const refused = /^sequential: inputGradient needs a backward pass of this window that was asked for it/;
  objective(it);
  assert.throws(() => it.tape.inputGradient(), refused);
  it.tape.backward();
  assert.throws(() => it.tape.inputGradient(), refused);
  it.tape.backward(undefined, { inputGradient: true });
  assert.equal(it.tape.inputGradient().shape, [2, 1, 3]);
  it.tape.backward();
  assert.throws(() => it.tape.inputGradient(), refused);
  objective(it);
  assert.throws(() => it.tape.inputGradient(), refused);
  it.tape.forward(Int32Array.of(0, 1), 2);
  assert.throws(
    () => it.tape.backward(undefined, { inputGradient: true }),
    /sequential: tokens have no gradient, got tokens for layer it/,
  );
  assert.throws(
    () => it.tape.backward(it.model.zeroState(2)),
    /the gradient at the state it\.h must have shape \[1, 1, 2\], got \[1, 2, 2\] of 4 numbers/,
  );
});

test('a state that lacks a part is refused whole', () => {
  const model = sequential({ it: layers['lstm']!({ inputSize: 3, hiddenSize: 2 }) });
  const tape = model.tape(1, 1);
  const h = { shape: [1, 1, 2], data: Float32Array.of(1, 2) };
  assert.throws(
    () => tape.setState(new Map([['it.h', h]])),
    /sequential: the state it\.c must have shape \[1, 1, 2\], got none/,
  );
  assert.equal([...tape.state().get('it.h')!.data], [0, 0]);
});

test('a state of another shape is refused, even one of as many numbers', () => {
  const model = sequential({ it: layers['rnn']!({ inputSize: 3, hiddenSize: 4, numLayers: 2 }) });
  const turned = new Map([['it.h', { shape: [1, 2, 4], data: new Float32Array(8) }]]);
  const refused = /^sequential: the state it\.h must have shape \[2, 1, 4\], got \[1, 2, 4\] of 8 numbers$/;
  assert.throws(() => model.step(0, turned), refused);
  const short = new Map([['it.h', { shape: [2, 1, 4], data: new Float32Array(7) }]]);
  assert.throws(() => model.step(0, short), /got \[2, 1, 4\] of 7 numbers$/);
});

test.run();
