import type { Numbers } from '../../types.js';
import { leastAverage } from '../leastAverage.js';
import type { AdagradStep, AdamStep, RmspropStep, SgdStep } from '../updateSteps.js';

// The updates are element by element, in torch's order of operations (torch.optim, 1.13).

/** A number, or zero where it is nearer to zero than `least`. */
function flushed(x: number, least: number): number {
  return Math.abs(x) < least ? 0 : x;
}

export function sgd(weights: Numbers, gradients: Numbers, velocity: Numbers | undefined, step: SgdStep): void {
  const { learningRate, momentum, dampening, nesterov, weightDecay, first } = step;
  const { least } = leastAverage(weights);
  for (let i = 0; i < weights.length; i++) {
    let g = gradients[i]! + weightDecay * weights[i]!;
    if (velocity !== undefined) {
      const v = first ? g : momentum * velocity[i]! + (1 - dampening) * g;
      velocity[i] = flushed(v, least);
      g = nesterov ? g + momentum * v : v;
    }
    weights[i]! -= learningRate * g;
  }
}

export function adagrad(weights: Numbers, gradients: Numbers, squares: Numbers, step: AdagradStep): void {
  const { learningRate, weightDecay, epsilon } = step;
  for (let i = 0; i < weights.length; i++) {
    const g = gradients[i]! + weightDecay * weights[i]!;
    const s = squares[i]! + g * g;
    squares[i] = s;
    weights[i]! -= (learningRate * g) / (Math.sqrt(s) + epsilon);
  }
}

export function rmsprop(
  weights: Numbers,
  gradients: Numbers,
  squares: Numbers,
  mean: Numbers | undefined,
  velocity: Numbers | undefined,
  step: RmspropStep,
): void {
  const { learningRate, alpha, epsilon, weightDecay, momentum } = step;
  const { least, leastSquare } = leastAverage(weights);
  const root = Math.sqrt(leastSquare);
  for (let i = 0; i < weights.length; i++) {
    const g = gradients[i]! + weightDecay * weights[i]!;
    const s = alpha * squares[i]! + (1 - alpha) * g * g;
    squares[i] = flushed(s, leastSquare);
    let variance = s;
    if (mean !== undefined) {
      const m = alpha * mean[i]! + (1 - alpha) * g;
      mean[i] = flushed(m, least);
      const squared = flushed(m, root); // its square would be subnormal
      variance -= squared * squared;
      if (variance < 0) variance = 0; // by rounding, where gradients hardly differ
    }
    let change = g / (Math.sqrt(variance) + epsilon);
    if (velocity !== undefined) {
      change += momentum * velocity[i]!;
      velocity[i] = flushed(change, least);
    }
    weights[i]! -= learningRate * change;
  }
}

export function adam(
  weights: Numbers,
  gradients: Numbers,
  mean: Numbers,
  squares: Numbers,
  largest: Numbers | undefined,
  step: AdamStep,
): void {
  const { learningRate, beta1, beta2, epsilon, weightDecay, decoupledDecay, correction1, correction2 } = step;
  const keep = 1 - learningRate * decoupledDecay;
  const stride = learningRate / correction1;
  const root2 = Math.sqrt(correction2);
  const { least, leastSquare } = leastAverage(weights);
  for (let i = 0; i < weights.length; i++) {
    const w = keep * weights[i]!;
    const g = gradients[i]! + weightDecay * w;
    const m = beta1 * mean[i]! + (1 - beta1) * g;
    const s = beta2 * squares[i]! + (1 - beta2) * g * g;
    mean[i] = flushed(m, least);
    squares[i] = flushed(s, leastSquare);
    let variance = s;
    if (largest !== undefined) {
      if (s > largest[i]!) largest[i] = s;
      variance = largest[i]!;
    }
    weights[i] = w - (stride * m) / (Math.sqrt(variance) / root2 + epsilon);
  }
}
