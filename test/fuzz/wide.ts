// Compares the kernel of 256 bits with that of 128, over random shapes of every function: `npm run fuzz:wide`. Exit
// status 1 where bits differ, or where this Node has no vectors of 256 bits.
import { command } from '../../pipelines/cli/command.js';
import { wideVectors } from '../../src/index.js';
import { arena } from '../../src/kernel/wasm/arena.js';
import { instantiate } from '../../src/kernel/wasm/instantiate.js';
import { wideCampaign } from '../kernel/wasm/wideCampaign.js';

await command(import.meta.url, {
  about: 'Compares all functions of the kernel of 256 bits with those of the kernel of 128, to the bit.',
  options: { runs: { kind: 'count', initial: 3000, help: 'random shapes of each function, for each dtype' } },
  async run({ runs }) {
    for (const dtype of ['float32', 'float64'] as const) {
      const started = performance.now();
      const { reason } = wideVectors(dtype);
      if (reason !== undefined) throw new Error(`${dtype}: no vectors of 256 bits: ${reason}`);
      const calls = wideCampaign(dtype, instantiate(dtype, arena(dtype).memory), runs);
      console.log(`${dtype}: ${calls} calls, the same bits, ${((performance.now() - started) / 1000).toFixed(1)} s`);
    }
  },
});
