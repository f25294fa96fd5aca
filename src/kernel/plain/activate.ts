import type { Numbers } from '../../types.js';
import type { Nonlinearity } from '../kernel.js';
import { sigmoid } from '../math/sigmoid.js';
import { softplus } from '../math/softplus.js';
import { tanh } from '../math/tanh.js';

export function activate(nonlinearity: Nonlinearity, y: Numbers, length: number): void {
  switch (nonlinearity) {
    case 'tanh':
      for (let i = 0; i < length; i++) y[i] = tanh(y[i]!);
      break;
    case 'sigmoid':
      for (let i = 0; i < length; i++) y[i] = sigmoid(y[i]!);
      break;
    case 'relu': // `< 0`, so that NaN shows
      for (let i = 0; i < length; i++) if (y[i]! < 0) y[i] = 0;
      break;
    case 'identity':
      break;
  }
}

export function setSoftplus(y: Numbers, x: Numbers, length: number): void {
  for (let i = 0; i < length; i++) y[i] = softplus(x[i]!);
}

export function activateBack(nonlinearity: Nonlinearity, dy: Numbers, y: Numbers, length: number): void {
  switch (nonlinearity) {
    case 'tanh':
      for (let i = 0; i < length; i++) dy[i]! *= 1 - y[i]! * y[i]!;
      break;
    case 'sigmoid':
      for (let i = 0; i < length; i++) dy[i]! *= y[i]! * (1 - y[i]!);
      break;
    case 'relu':
      for (let i = 0; i < length; i++) if (!(y[i]! > 0)) dy[i] = 0;
      break;
    case 'identity':
      break;
  }
}
