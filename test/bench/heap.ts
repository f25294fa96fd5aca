// Checks that a training step leaves no memory behind: `npm run bench:heap`, or `node --expose-gc --import tsx
// test/bench/heap.ts [--steps N] [--backend NAME] [--json]`. Runs W1 through the operators and measures the memory after a collection.
import { command, UsageError } from '../../pipelines/cli/command.js';
import { BACKENDS, backendOf, job, type Machinery } from './job.js';

const KIB = 1024;
const MARKS = 20;

await command(import.meta.url, {
  about: 'Measures the heap over a million training steps of W1, from tokens through the public operators.',
  options: {
    steps: { kind: 'count', initial: 1_000_000, help: 'training steps' },
    backend: { kind: 'text', choices: BACKENDS, help: 'by default the one that the model chooses' },
    json: { kind: 'flag', help: 'JSON lines' },
  },
  async run({ steps, backend: asked, json }) {
    const collect = globalThis.gc;
    if (!collect) throw new UsageError('needs node --expose-gc');
    const machinery = { ...(asked !== undefined && { backend: asked }) } as Machinery;
    const { model, ways } = job('W1', machinery);
    const backend = backendOf(model, machinery);
    const interval = Math.max(1, Math.floor(steps / MARKS));
    const heaps: number[] = [];
    let step = 0;
    const [, fromTokens] = ways[1]!;
    await fromTokens(() => {
      step++;
      if (step % interval === 0) mark();
      return step < steps;
    });
    const settled = heaps.slice(Math.floor(heaps.length / 4)); // by then code is compiled and buffers are allocated
    const growth = settled.at(-1)! - settled[0]!;
    const perStep = growth / Math.max(1, interval * (settled.length - 1));
    if (json) console.log(JSON.stringify({ workload: 'W1', backend, steps, growth, bytes_per_step: perStep }));
    else console.log(`${growth} bytes more after the last three quarters: ${perStep.toFixed(4)} per step`);

    function mark(): void {
      collect!();
      const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
      heaps.push(heapUsed + arrayBuffers);
      if (json) console.log(JSON.stringify({ step, heapUsed, arrayBuffers, rss }));
      else {
        const [heap, buffers, resident] = [heapUsed, arrayBuffers, rss].map((bytes) => (bytes / KIB).toFixed(0));
        console.log(`${String(step).padStart(8)} steps  heap ${heap} KiB, buffers ${buffers} KiB, rss ${resident} KiB`);
      }
    }
  },
});
