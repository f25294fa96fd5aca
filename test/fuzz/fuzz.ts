// Gives every reader inputs that are nearly right: `npm run fuzz [-- --runs N] [--reader NAME]`. Exit status 1 at the first
// input that is neither read nor refused, with the seed that reproduces it.
import { command } from '../../pipelines/cli/command.js';
import { readers } from './readers.js';

await command(import.meta.url, {
  about: 'Gives every reader of external input texts and files that are nearly right.',
  options: {
    runs: { kind: 'count', initial: 100_000, help: 'inputs per reader' },
    reader: { kind: 'text', choices: Object.keys(readers), help: 'one reader only' },
    json: { kind: 'flag', help: 'JSON lines' },
  },
  async run({ runs, reader: only, json }) {
    for (const [reader, campaign] of Object.entries(readers)) {
      if (only !== undefined && only !== reader) continue;
      const started = performance.now();
      try {
        const { read, refused } = await campaign(runs);
        const seconds = (performance.now() - started) / 1000;
        if (json) console.log(JSON.stringify({ reader, runs, read, refused, seconds }));
        else console.log(`${reader.padEnd(24)} ${read} read, ${refused} refused, ${seconds.toFixed(1)} s`);
      } catch (error) {
        console.error(`${reader}: ${error instanceof Error ? error.stack : String(error)}`);
        process.exitCode = 1;
      }
    }
  },
});
