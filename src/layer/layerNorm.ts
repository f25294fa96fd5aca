import type { Numbers } from '../types.js';
import type { Parameter } from './layer.js';

export interface LayerNormOptions {
  readonly allocate: (length: number) => Numbers;
  /** Numbers of a row. */
  readonly width: number;
  /** The most rows. */
  readonly rows: number;
  readonly epsilon: number;
  readonly weight: Numbers;
  readonly bias: Numbers | undefined;
}

/** The layer norm of rows: each row to mean 0 and variance 1, then number by number `· weight + bias`. */
export interface LayerNorm {
  /** Writes, or adds to, rows `from` to `to` of `y` those of `x`, normed. */
  forward(y: Numbers, x: Numbers, from: number, to: number, add: boolean): void;
  /** Writes the gradient at these rows of `x`, and adds to those of weight and bias. */
  backward(dx: Numbers, dy: Numbers, x: Numbers, from: number, to: number, gradients: LayerNormGradients): void;
}

interface LayerNormGradients {
  readonly weight: Numbers;
  readonly bias: Numbers | undefined;
}

/** `name.weight` (ones at first) and `name.bias` (zeros). */
export function layerNormParameters(name: string, width: number, bias: boolean): Parameter[] {
  const all = [{ name: `${name}.weight`, shape: [width], initialise: (data: Numbers) => void data.fill(1) }];
  if (bias) all.push({ name: `${name}.bias`, shape: [width], initialise: (data: Numbers) => void data.fill(0) });
  return all;
}

/** Ba, Kiros and Hinton, Layer Normalization, 2016; the numbers of `torch.nn.LayerNorm`: the variance divides by `width`. */
export function layerNorm({ allocate, width, rows, epsilon, weight, bias }: LayerNormOptions): LayerNorm {
  const [means, scales] = [allocate(rows), allocate(rows)]; // scales: 1 / √(variance + ε)
  return {
    forward(y, x, from, to, add) {
      for (let r = from; r < to; r++) {
        const at = r * width;
        let sum = 0;
        for (let n = 0; n < width; n++) sum += x[at + n]!;
        const mean = sum / width;
        let squares = 0;
        for (let n = 0; n < width; n++) squares += (x[at + n]! - mean) * (x[at + n]! - mean);
        const scale = 1 / Math.sqrt(squares / width + epsilon);
        means[r] = mean;
        scales[r] = scale;
        for (let n = 0; n < width; n++) {
          const normed = (x[at + n]! - mean) * scale * weight[n]! + (bias ? bias[n]! : 0);
          y[at + n] = add ? y[at + n]! + normed : normed;
        }
      }
    },
    backward(dx, dy, x, from, to, gradients) {
      for (let r = from; r < to; r++) {
        const at = r * width;
        const [mean, scale] = [means[r]!, scales[r]!];
        let [sum, product] = [0, 0]; // of dy · weight, and of that with the normed numbers
        for (let n = 0; n < width; n++) {
          const normed = (x[at + n]! - mean) * scale;
          const d = dy[at + n]! * weight[n]!;
          sum += d;
          product += d * normed;
          gradients.weight[n]! += dy[at + n]! * normed;
          if (gradients.bias) gradients.bias[n]! += dy[at + n]!;
        }
        for (let n = 0; n < width; n++) {
          const normed = (x[at + n]! - mean) * scale;
          dx[at + n] = scale * (dy[at + n]! * weight[n]! - (sum + normed * product) / width);
        }
      }
    },
  };
}
