// Long trials of whole parts, with their figures: `npm run drill [-- --only NAME] [--runs N | --minutes N] [--json]`. Exit status 1 at
// the first fault; of options up to 20 are listed. Trials that every `npm test` runs in full are not here: 200 kills while
// saving (test/checkpoint/kill), write errors at every n-th call (test/checkpoint/saveCheckpoint), 1,000 cancellations of
// failing iterators (test/flow/closeCursor).
import { command, UsageError } from '../../pipelines/cli/command.js';

/** A trial of `runs` cases, or of `minutes` where it takes them; throws at the first fault, and returns its figures. */
export type Drill = (
  runs: number,
  seed: number,
  minutes?: number,
) => Promise<Readonly<Record<string, number | string>>>;

/** How many cases there are, and how to load the trial: none waits for what only another needs. */
const DRILLS: Readonly<Record<string, readonly [runs: number, load: () => Promise<Drill>]>> = {
  models: [1_000_000, async () => (await import('./models.js')).models],
  onnx: [100_000, async () => (await import('./onnx.js')).onnx],
  recordings: [100_000, async () => (await import('./recordings.js')).recordings],
  terminal: [100_000, async () => (await import('./terminal.js')).terminal],
  options: [1000, async () => (await import('./options.js')).options],
  keys: [1_000_000, async () => (await import('./keys.js')).keys],
  monitor: [50, async () => (await import('./monitor.js')).monitor],
};

await command(import.meta.url, {
  about:
    'Tries mutated files, hostile texts, combinations of options, a million keys and a monitor that is killed; prints figures.',
  options: {
    only: { kind: 'text', choices: Object.keys(DRILLS), help: 'one trial' },
    runs: { kind: 'count', help: 'cases, per script or printed path (as many as the trial says)' },
    minutes: { kind: 'number', help: 'of keys: so long each way instead of --runs, on keys drawn from a million' },
    seed: { kind: 'seed', initial: 0, help: 'seed of the cases' },
    json: { kind: 'flag', help: 'JSON lines' },
  },
  async run({ only, runs, minutes, seed, json }) {
    if (minutes !== undefined && !(minutes > 0)) throw new UsageError(`--minutes must be above 0, got ${minutes}`);
    if (minutes !== undefined && only !== 'keys') throw new UsageError('--minutes: is for --only keys');
    if (minutes !== undefined && runs !== undefined) throw new UsageError('--minutes: not with --runs');
    for (const [name, [most, load]] of Object.entries(DRILLS)) {
      if (only !== undefined && only !== name) continue;
      const drill = await load();
      const started = performance.now();
      try {
        const figures = await drill(runs ?? most, seed, minutes);
        const seconds = Math.round((performance.now() - started) / 100) / 10;
        const all = { ...figures, seconds };
        const bound = minutes === undefined ? { runs: runs ?? most } : { minutes };
        if (json) console.log(JSON.stringify({ drill: name, ...bound, ...all }));
        else {
          const list = Object.entries(all).map(([what, value]) => `${what} ${value}`);
          console.log(
            `${name.padEnd(12)} ${minutes ?? runs ?? most} ${minutes ? 'minutes' : 'runs'}: ${list.join(', ')}`,
          );
        }
      } catch (error) {
        console.error(name, error);
        process.exitCode = 1;
      }
    }
  },
});
