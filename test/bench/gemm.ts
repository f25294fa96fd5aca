import { command } from '../../pipelines/cli/command.js';
import { wasm } from '../../src/kernel/wasm/wasm.js';
import type { Dtype } from '../../src/types.js';
import { registerPeak } from './registerPeak.js';

const SHAPES = [
  [50, 128, 128],
  [50, 128, 512],
  [50, 256, 256],
  [64, 512, 2048],
  [2500, 128, 512],
  [1, 128, 128],
  [1, 512, 2048],
] as const;
const TURN = 3e7; // multiplications

await command(import.meta.url, {
  about: `Measures the matrix products against the speed of the processor's registers.

The limit is a loop of products and sums with nothing to load, run in turn with the products in one process.`,
  options: { rounds: { kind: 'count', initial: 9, help: 'turns of each product' } },
  async run({ rounds }) {
    for (const dtype of ['float32', 'float64'] as const) await measure(dtype, rounds);
  },
});

async function measure(dtype: Dtype, rounds: number): Promise<void> {
  const peak = await registerPeak(dtype);
  const lanes = dtype === 'float32' ? 4 : 2;
  const limit = (): number => {
    const loops = Math.ceil(TURN / (7 * lanes));
    const started = performance.now();
    peak(loops, 1);
    return (loops * 7 * lanes * 2) / (performance.now() - started) / 1e6;
  };
  const kernel = wasm(dtype);
  for (const [rows, inputs, outputs] of SHAPES) {
    const [y, x, w] = [rows * outputs, rows * inputs, inputs * outputs].map((n) => kernel.allocate(n).fill(0.01));
    const matrix = kernel.matrix(w!, inputs, outputs);
    const size = rows * inputs * outputs;
    const product = (): number => {
      const times = Math.ceil(TURN / size);
      const started = performance.now();
      for (let i = 0; i < times; i++) matrix.multiply(y!, x!, rows);
      return (times * size * 2) / (performance.now() - started) / 1e6;
    };
    product();
    limit();
    const shares = Array.from({ length: rounds }, () => {
      const most = limit();
      return [product() / most, most] as const;
    }).toSorted(([a], [b]) => a - b);
    const [share, most] = shares[rounds >> 1]!;
    const shape = `${rows} × ${inputs} × ${outputs}`.padEnd(16);
    console.log(`${dtype}  ${shape}  ${(100 * share).toFixed(0).padStart(3)} % of ${most.toFixed(0)} GFLOP/s`);
  }
}
