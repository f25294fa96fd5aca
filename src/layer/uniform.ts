import type { Random } from '../random/random.js';
import type { Numbers } from '../types.js';
import type { Parameter } from './layer.js';

/** A parameter that starts uniform in [−1/√fan, 1/√fan), as torch's recurrent and linear layers do. */
export function uniform(name: string, shape: readonly number[], fan: number): Parameter {
  const bound = 1 / Math.sqrt(fan);
  return {
    name,
    shape,
    initialise(data: Numbers, random: Random) {
      for (let i = 0; i < data.length; i++) data[i] = random.uniform(-bound, bound);
    },
  };
}
