import type { Numbers } from '../../types.js';

export function multiplyElementwise(y: Numbers, x: Numbers, factors: Numbers, length: number): void {
  for (let i = 0; i < length; i++) y[i] = x[i]! * factors[i]!;
}
