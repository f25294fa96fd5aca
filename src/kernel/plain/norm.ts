import type { Numbers } from '../../types.js';

export function norm(x: Numbers, length: number, type = 2): number {
  let sum = 0;
  switch (type) {
    case 2:
      for (let i = 0; i < length; i++) sum += x[i]! * x[i]!;
      return Math.sqrt(sum);
    case 1:
      for (let i = 0; i < length; i++) sum += Math.abs(x[i]!);
      return sum;
    default:
      for (let i = 0; i < length; i++) if (!(Math.abs(x[i]!) <= sum) && !Number.isNaN(sum)) sum = Math.abs(x[i]!); // NaN stays
      return sum;
  }
}

export function scale(x: Numbers, factor: number, length: number): void {
  for (let i = 0; i < length; i++) x[i]! *= factor;
}

export function clamp(x: Numbers, limit: number, length: number): void {
  for (let i = 0; i < length; i++) {
    if (x[i]! > limit) x[i] = limit;
    else if (x[i]! < -limit) x[i] = -limit;
  }
}
