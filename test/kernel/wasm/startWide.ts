// Has a test run with vectors of 256 bits: `node --import tsx --import ./test/kernel/wasm/startWide.ts TEST`.
import { wideVectors } from '../../../src/index.js';

for (const dtype of ['float32', 'float64'] as const) {
  const { reason } = wideVectors(dtype);
  if (reason !== undefined) throw new Error(`${dtype}: no vectors of 256 bits: ${reason}`);
}
