import type { Random } from '../random/random.js';
import type { Numbers } from '../types.js';
import type { Parameter } from './layer.js';

/**
 * A parameter whose first numbers are uniform in [−1/√fan, 1/√fan), as those of torch's recurrent and linear layers:
 * `fan` is the hidden size or the number of inputs.
 */
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
