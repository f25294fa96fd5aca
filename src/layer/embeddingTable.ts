import type { Kernel } from '../kernel/kernel.js';
import type { Numbers } from '../types.js';
import type { Parameter } from './layer.js';

/** The table of an embedding: rows of numbers, one for each token. */
export interface EmbeddingTable {
  /** `weight` (tokens, size), standard normal at first, with zeros for the token that stands for padding. */
  readonly parameter: Parameter;
  /** Sets the gradient of that token's row to zeros. */
  clearPadding(kernel: Pick<Kernel, 'zero'>, gradient: Numbers): void;
}

export function embeddingTable(tokens: number, size: number, paddingIndex: number | undefined): EmbeddingTable {
  const padding = (weight: Numbers): Numbers | undefined =>
    paddingIndex === undefined ? undefined : weight.subarray(paddingIndex * size, (paddingIndex + 1) * size);
  return {
    parameter: {
      name: 'weight',
      shape: [tokens, size],
      initialise(data, random) {
        if (random.normals) random.normals(data);
        else for (let i = 0; i < data.length; i++) data[i] = random.normal();
        padding(data)?.fill(0);
      },
    },
    clearPadding(kernel, gradient) {
      const own = padding(gradient);
      if (own) kernel.zero(own, size);
    },
  };
}
