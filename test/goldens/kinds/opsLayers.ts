import { embedding, type Layer, linear } from '../../../src/index.js';
import type { Check, Golden } from '../checkGolden.js';
import { throughLayer } from './throughLayer.js';

/** torch's linear layer and embedding, with and without a padding token. */
export const opsLayers: Check = ({ cases }, compare) => {
  for (const golden of cases) {
    const { id, weight, bias, grad_y: gradY } = golden;
    const input = golden.indices ?? golden.x;
    throughLayer(
      {
        name: id,
        layer: make(golden),
        steps: gradY.data.length / gradY.shape.at(-1),
        lanes: 1,
        input: input.data,
        weights: { weight, ...(bias && { bias }) },
        outputGradient: gradY.data,
        golden,
        names: { output: 'y', final: {}, initial: {} },
      },
      compare,
    );
  }
};

function make({ id, op, weight, bias, options }: Golden): Layer {
  const [rows, columns] = weight.shape;
  switch (op) {
    case 'linear':
      return linear({ inputSize: columns, outputSize: rows, bias: bias !== undefined && bias !== null });
    case 'embedding': {
      const { padding_idx: padding, ...unknown } = options ?? {};
      if (Object.keys(unknown).length > 0) throw new Error(`${id}: unknown options ${Object.keys(unknown).join(', ')}`);
      // torch counts a negative one from the end
      const paddingIndex = padding < 0 ? padding + rows : padding;
      return embedding({
        inputSize: rows,
        outputSize: columns,
        ...(typeof paddingIndex === 'number' && { paddingIndex }),
      });
    }
    default:
      throw new Error(`${id}: unknown layer ${op}`);
  }
}
