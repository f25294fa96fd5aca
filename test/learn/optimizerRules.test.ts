// Each rule beside its formula, one weight at a time, as torch.optim documents it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear } from '../../src/layer/linear.js';
import { adagrad, type AdagradOptions } from '../../src/learn/adagrad.js';
import { adam, type AdamOptions } from '../../src/learn/adam.js';
import { adamw } from '../../src/learn/adamw.js';
import type { Optimizer } from '../../src/learn/optimizer.js';
import { rmsprop, type RmspropOptions } from '../../src/learn/rmsprop.js';
import { sgd, type SgdOptions } from '../../src/learn/sgd.js';
import { sequential } from '../../src/model/sequential.js';

const WEIGHTS = [0.5, -2, 3];
const UPDATES = 4;

/** The gradient of a weight at an update, from 1. */
const gradient = (weight: number, update: number): number => weight - 1 + 0.5 * update * (update % 2 === 0 ? -1 : 1);

/** Moves one weight once; what it keeps of its updates is its own. */
type Rule = (weight: number, gradient: number, update: number) => number;

function sgdRule(options: SgdOptions): Rule {
  const { learningRate, momentum = 0, dampening = 0, nesterov = false, weightDecay = 0 } = options;
  let velocity: number | undefined;
  return (w, g) => {
    const slope = g + weightDecay * w;
    velocity = velocity === undefined ? slope : momentum * velocity + (1 - dampening) * slope;
    return w - (learningRate as number) * (nesterov ? slope + momentum * velocity : momentum > 0 ? velocity : slope);
  };
}

function adagradRule(options: AdagradOptions): Rule {
  const { learningRate = 0.01, learningRateDecay = 0, weightDecay = 0, epsilon = 1e-10 } = options;
  let squares = options.initialAccumulator ?? 0;
  return (w, g, update) => {
    const slope = g + weightDecay * w;
    squares += slope * slope;
    return (
      w - ((learningRate as number) / (1 + (update - 1) * learningRateDecay)) * (slope / (Math.sqrt(squares) + epsilon))
    );
  };
}

function rmspropRule(options: RmspropOptions): Rule {
  const {
    learningRate = 0.01,
    alpha = 0.99,
    epsilon = 1e-8,
    weightDecay = 0,
    momentum = 0,
    centered = false,
  } = options;
  let [squares, mean, velocity] = [0, 0, 0];
  return (w, g) => {
    const slope = g + weightDecay * w;
    squares = alpha * squares + (1 - alpha) * slope * slope;
    mean = alpha * mean + (1 - alpha) * slope;
    velocity = momentum * velocity + slope / (Math.sqrt(squares - (centered ? mean * mean : 0)) + epsilon);
    return w - (learningRate as number) * velocity;
  };
}

function adamRule(options: AdamOptions, decoupled: boolean): Rule {
  const { learningRate = 0.001, betas = [0.9, 0.999], epsilon = 1e-8, amsgrad = false } = options;
  const { weightDecay = decoupled ? 0.01 : 0 } = options;
  const rate = learningRate as number;
  let [mean, squares, largest] = [0, 0, 0];
  return (w, g, update) => {
    const slope = decoupled ? g : g + weightDecay * w;
    mean = betas[0] * mean + (1 - betas[0]) * slope;
    squares = betas[1] * squares + (1 - betas[1]) * slope * slope;
    largest = amsgrad ? Math.max(largest, squares) : squares;
    const root = Math.sqrt(largest / (1 - betas[1] ** update)) + epsilon;
    return (decoupled ? w - rate * weightDecay * w : w) - (rate * (mean / (1 - betas[0] ** update))) / root;
  };
}

/** An optimizer, its rule for one weight, and the moments it keeps. */
type Case = readonly [make: () => Optimizer, rule: () => Rule, moments: readonly string[]];

const sgds = (options: SgdOptions, ...moments: string[]): Case => [() => sgd(options), () => sgdRule(options), moments];
const adagrads = (options: AdagradOptions): Case => [() => adagrad(options), () => adagradRule(options), ['squares']];
const rmsprops = (options: RmspropOptions, ...moments: string[]): Case => [
  () => rmsprop(options),
  () => rmspropRule(options),
  ['squares', ...moments],
];
const adams = (options: AdamOptions, ...moments: string[]): Case => [
  () => adam(options),
  () => adamRule(options, false),
  ['mean', 'squares', ...moments],
];
const adamws = (options: AdamOptions, ...moments: string[]): Case => [
  () => adamw(options),
  () => adamRule(options, true),
  ['mean', 'squares', ...moments],
];

const cases: Readonly<Record<string, Case>> = {
  sgd: sgds({ learningRate: 0.1 }),
  'sgd, weight decay': sgds({ learningRate: 0.1, weightDecay: 0.5 }),
  'sgd, momentum': sgds({ learningRate: 0.1, momentum: 0.9 }, 'velocity'),
  'sgd, momentum and dampening': sgds({ learningRate: 0.1, momentum: 0.9, dampening: 0.5 }, 'velocity'),
  'sgd, Nesterov': sgds({ learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.1 }, 'velocity'),
  adagrad: adagrads({}),
  'adagrad, decays': adagrads({ learningRate: 0.5, learningRateDecay: 0.3, weightDecay: 0.2 }),
  'adagrad, from an accumulator': adagrads({ initialAccumulator: 0.7, epsilon: 0.1 }),
  rmsprop: rmsprops({}),
  'rmsprop, weight decay': rmsprops({ learningRate: 0.2, alpha: 0.5, epsilon: 0.1, weightDecay: 0.3 }),
  'rmsprop, centered': rmsprops({ alpha: 0.5, epsilon: 0.1, centered: true }, 'mean'),
  'rmsprop, momentum': rmsprops({ momentum: 0.5 }, 'velocity'),
  'rmsprop, all': rmsprops({ momentum: 0.5, centered: true, alpha: 0.5, epsilon: 0.2 }, 'mean', 'velocity'),
  adam: adams({}),
  'adam, weight decay': adams({ learningRate: 0.1, betas: [0.5, 0.25], epsilon: 0.1, weightDecay: 0.5 }),
  'adam, the largest squares': adams({ betas: [0.5, 0.25], amsgrad: true }, 'largest'),
  adamw: adamws({}),
  'adamw, weight decay': adamws({ learningRate: 0.1, betas: [0.5, 0.25], weightDecay: 0.5 }),
  'adamw, the largest squares': adamws({ betas: [0.5, 0.25], amsgrad: true }, 'largest'),
};

for (const [name, [make, rule, moments]] of Object.entries(cases)) {
  const layer = linear({ inputSize: WEIGHTS.length, outputSize: 1, bias: false });

  test(`${name}: ${UPDATES} updates are those of its formula`, () => {
    const optimizer = make();
    const model = sequential({ linear: layer }, { dtype: 'float64' });
    model.weights.learned.set(WEIGHTS);
    const { gradients } = model.tape(1, 1);
    const rules = WEIGHTS.map(() => rule());
    let expected = WEIGHTS;
    for (let update = 1; update <= UPDATES; update++) {
      gradients.learned.set(WEIGHTS.map((weight) => gradient(weight, update)));
      optimizer.update(model, gradients);
      expected = expected.map((weight, i) => rules[i]!(weight, gradient(WEIGHTS[i]!, update), update));
      for (const [i, weight] of model.weights.learned.subarray(0, WEIGHTS.length).entries()) {
        assert.ok(Math.abs(weight - expected[i]!) <= 1e-14 * Math.abs(weight) + 1e-15, `${weight}, not ${expected[i]}`);
      }
    }
  });

  test(`${name}: keeps the moments of its formula and no others`, () => {
    const optimizer = make();
    const model = sequential({ linear: layer }, { dtype: 'float64' });
    optimizer.update(model, model.tape(1, 1).gradients);
    assert.equal(
      [...optimizer.state().moments.keys()],
      moments.map((moment) => `${moment}.linear.weight`),
    );
  });
}

test.run();
