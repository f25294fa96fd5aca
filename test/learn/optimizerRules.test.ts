// Each rule beside its formula, one weight at a time, as torch.optim documents it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear } from '../../src/layer/linear.js';
import { adadelta, type AdadeltaOptions } from '../../src/learn/adadelta.js';
import { adagrad, type AdagradOptions } from '../../src/learn/adagrad.js';
import { adam, type AdamOptions } from '../../src/learn/adam.js';
import { adamax, type AdamaxOptions } from '../../src/learn/adamax.js';
import { adamw } from '../../src/learn/adamw.js';
import { lion, type LionOptions } from '../../src/learn/lion.js';
import { nadam, type NadamOptions } from '../../src/learn/nadam.js';
import type { Optimizer } from '../../src/learn/optimizer.js';
import { radam, type RadamOptions } from '../../src/learn/radam.js';
import { rmsprop, type RmspropOptions } from '../../src/learn/rmsprop.js';
import { rprop, type RpropOptions } from '../../src/learn/rprop.js';
import { scheduleFreeAdamw, type ScheduleFreeAdamwOptions } from '../../src/learn/scheduleFreeAdamw.js';
import { scheduleFreeSgd, type ScheduleFreeSgdOptions } from '../../src/learn/scheduleFreeSgd.js';
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

function lionRule({ learningRate = 1e-4, betas = [0.9, 0.99], weightDecay = 0 }: LionOptions): Rule {
  let mean = 0;
  return (w, g) => {
    const direction = Math.sign(betas[0] * mean + (1 - betas[0]) * g);
    mean = betas[1] * mean + (1 - betas[1]) * g;
    return w - (learningRate as number) * (direction + weightDecay * w);
  };
}

function adadeltaRule({ learningRate = 1, rho = 0.9, epsilon = 1e-6, weightDecay = 0 }: AdadeltaOptions): Rule {
  let [squares, changes] = [0, 0];
  return (w, g) => {
    const slope = g + weightDecay * w;
    squares = rho * squares + (1 - rho) * slope * slope;
    const change = (Math.sqrt(changes + epsilon) / Math.sqrt(squares + epsilon)) * slope;
    changes = rho * changes + (1 - rho) * change * change;
    return w - (learningRate as number) * change;
  };
}

function adamaxRule(options: AdamaxOptions): Rule {
  const { learningRate = 0.002, betas = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0 } = options;
  let [mean, largest] = [0, 0];
  return (w, g, update) => {
    const slope = g + weightDecay * w;
    mean = betas[0] * mean + (1 - betas[0]) * slope;
    largest = Math.max(betas[1] * largest, Math.abs(slope) + epsilon);
    return w - ((learningRate as number) / (1 - betas[0] ** update)) * (mean / largest);
  };
}

function nadamRule(options: NadamOptions): Rule {
  const {
    learningRate = 0.002,
    betas = [0.9, 0.999],
    epsilon = 1e-8,
    weightDecay = 0,
    momentumDecay = 0.004,
    decoupledWeightDecay = false,
  } = options;
  const mu = (update: number): number => betas[0] * (1 - 0.5 * 0.96 ** (update * momentumDecay));
  let [mean, squares, product] = [0, 0, 1];
  return (before, g, update) => {
    const w = decoupledWeightDecay ? before - (learningRate as number) * weightDecay * before : before;
    const slope = decoupledWeightDecay ? g : g + weightDecay * w;
    mean = betas[0] * mean + (1 - betas[0]) * slope;
    squares = betas[1] * squares + (1 - betas[1]) * slope * slope;
    product *= mu(update);
    const root = Math.sqrt(squares / (1 - betas[1] ** update)) + epsilon;
    const next = mu(update + 1);
    const direction = ((1 - mu(update)) * slope) / (1 - product) + (next * mean) / (1 - product * next);
    return w - ((learningRate as number) * direction) / root;
  };
}

function radamRule(options: RadamOptions): Rule {
  const { learningRate = 0.001, betas = [0.9, 0.999], epsilon = 1e-8 } = options;
  const { weightDecay = 0, decoupledWeightDecay = false } = options;
  const longest = 2 / (1 - betas[1]) - 1;
  let [mean, squares] = [0, 0];
  return (before, g, update) => {
    const w = decoupledWeightDecay ? before - (learningRate as number) * weightDecay * before : before;
    const slope = decoupledWeightDecay ? g : g + weightDecay * w;
    mean = betas[0] * mean + (1 - betas[0]) * slope;
    squares = betas[1] * squares + (1 - betas[1]) * slope * slope;
    const correction = 1 - betas[1] ** update;
    const length = longest - (2 * update * betas[1] ** update) / correction;
    const step = ((learningRate as number) * mean) / (1 - betas[0] ** update);
    if (length <= 5) return w - step;
    const rectified = ((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length);
    return w - (step * Math.sqrt(rectified) * Math.sqrt(correction)) / (Math.sqrt(squares) + epsilon);
  };
}

function rpropRule({ learningRate = 0.01, etas = [0.5, 1.2], stepSizes = [1e-6, 50] }: RpropOptions): Rule {
  let [step, before] = [learningRate, 0];
  return (w, g) => {
    const factor = g * before > 0 ? etas[1] : g * before < 0 ? etas[0] : 1;
    step = Math.min(stepSizes[1], Math.max(stepSizes[0], step * factor));
    before = g * before < 0 ? 0 : g;
    return w - Math.sign(before) * step;
  };
}

/** Both schedule-free rules: `direction` is what the fast sequence moves along. */
function scheduleFreeRule(
  { learningRate, warmupSteps = 0, r = 0, weightLrPower = 2, weightDecay = 0 }: ScheduleFreeSgdOptions,
  share: number,
  direction: (g: number, update: number) => number,
): Rule {
  let [z, x, sum, largest]: (number | undefined)[] = [undefined, undefined, 0, 0];
  return (y, g, update) => {
    const rate = (learningRate as number) * Math.min(1, warmupSteps > 0 ? update / warmupSteps : 1);
    largest = Math.max(largest!, rate);
    const weight = update ** r * largest ** weightLrPower;
    sum! += weight;
    z = (z ?? y) - rate * (weightDecay * y + direction(g, update));
    x = (1 - weight / sum!) * (x ?? y) + (weight / sum!) * z;
    return share * x + (1 - share) * z;
  };
}

function scheduleFreeAdamwRule(options: ScheduleFreeAdamwOptions): Rule {
  const { betas = [0.9, 0.999], epsilon = 1e-8, innerMomentum = 0 } = options;
  let [mean, squares] = [0, 0];
  return scheduleFreeRule({ learningRate: 0.0025, ...options }, betas[0], (g, update) => {
    squares = betas[1] * squares + (1 - betas[1]) * g * g;
    mean = innerMomentum * mean + (1 - innerMomentum) * g;
    return mean / (1 - innerMomentum ** update) / (Math.sqrt(squares / (1 - betas[1] ** update)) + epsilon);
  });
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
const nadams = (options: NadamOptions): Case => [() => nadam(options), () => nadamRule(options), ['mean', 'squares']];
const radams = (options: RadamOptions): Case => [() => radam(options), () => radamRule(options), ['mean', 'squares']];
const lions = (options: LionOptions): Case => [() => lion(options), () => lionRule(options), ['mean']];

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
  adadelta: [() => adadelta(), () => adadeltaRule({}), ['squares', 'changes']],
  'adadelta, all': [
    () => adadelta({ learningRate: 0.5, rho: 0.5, epsilon: 0.1, weightDecay: 0.3 }),
    () => adadeltaRule({ learningRate: 0.5, rho: 0.5, epsilon: 0.1, weightDecay: 0.3 }),
    ['squares', 'changes'],
  ],
  adamax: [() => adamax({ betas: [0.5, 0.25] }), () => adamaxRule({ betas: [0.5, 0.25] }), ['mean', 'largest']],
  'adamax, all': [
    () => adamax({ learningRate: 0.1, betas: [0.5, 0.25], epsilon: 0.1, weightDecay: 0.5 }),
    () => adamaxRule({ learningRate: 0.1, betas: [0.5, 0.25], epsilon: 0.1, weightDecay: 0.5 }),
    ['mean', 'largest'],
  ],
  nadam: nadams({}),
  'nadam, all': nadams({ learningRate: 0.1, betas: [0.5, 0.25], weightDecay: 0.5, momentumDecay: 0.3 }),
  'nadam, decay of the weights': nadams({ learningRate: 0.1, weightDecay: 0.5, decoupledWeightDecay: true }),
  radam: radams({}),
  'radam, rectified': radams({ learningRate: 0.1, betas: [0.5, 0.9] }),
  'radam, weight decay': radams({ learningRate: 0.1, betas: [0.5, 0.9], weightDecay: 0.5 }),
  'radam, decay of the weights': radams({
    learningRate: 0.1,
    betas: [0.5, 0.9],
    weightDecay: 0.5,
    decoupledWeightDecay: true,
  }),
  'rprop, all': [
    () => rprop({ learningRate: 0.5, etas: [0.25, 1.5], stepSizes: [0.2, 0.7] }),
    () => rpropRule({ learningRate: 0.5, etas: [0.25, 1.5], stepSizes: [0.2, 0.7] }),
    ['previous', 'steps'],
  ],
  rprop: [() => rprop({ learningRate: 0.5 }), () => rpropRule({ learningRate: 0.5 }), ['previous', 'steps']],
  scheduleFreeAdamw: [() => scheduleFreeAdamw(), () => scheduleFreeAdamwRule({}), ['z', 'average', 'squares']],
  'scheduleFreeAdamw, all': [
    () => scheduleFreeAdamw({ warmupSteps: 3, r: 2, weightLrPower: 1, weightDecay: 0.1, innerMomentum: 0.5 }),
    () => scheduleFreeAdamwRule({ warmupSteps: 3, r: 2, weightLrPower: 1, weightDecay: 0.1, innerMomentum: 0.5 }),
    ['z', 'average', 'squares', 'mean'],
  ],
  scheduleFreeSgd: [
    () => scheduleFreeSgd({ learningRate: 0.3, momentum: 0.5, weightLrPower: 1.5 }),
    () => scheduleFreeRule({ learningRate: 0.3, weightLrPower: 1.5 }, 0.5, (g) => g),
    ['z', 'average'],
  ],
  lion: lions({}),
  'lion, weight decay': lions({ learningRate: 0.1, betas: [0.5, 0.25], weightDecay: 0.5 }),
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
