import { readFileSync, writeFileSync } from 'node:fs';
import { wideVectors } from '../../src/index.js';
import { command, NO_WIDE } from '../../pipelines/cli/command.js';
import { digestOfOperators, runs } from './runs.js';

await command(import.meta.url, {
  about: 'Compares the digest of each run with the one that tests expect; exit status 1 if they differ.',
  options: { write: { kind: 'flag', help: 'store these digests as the expected ones' }, 'no-wide': NO_WIDE },
  async run({ write, 'no-wide': narrow }) {
    const bits = narrow ? 128 : Math.min(wideVectors('float32').bits, wideVectors('float64').bits);
    const file = new URL('digests.json', import.meta.url);
    const digests = Object.fromEntries(runs.map(([name, cell, dtype]) => [name, digestOfOperators(cell, dtype)]));
    if (write) writeFileSync(file, `${JSON.stringify(digests, undefined, 2)}\n`);
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
    let different = 0;
    for (const [name, digest] of Object.entries(digests)) {
      const same = digest === kept[name];
      if (!same) different += 1;
      console.log(`${same ? ' ok ' : 'FAIL'} ${name.padEnd(13)} ${digest}`);
    }
    console.log(
      `Node ${process.versions.node}, V8 ${process.versions.v8}, ${bits} bits: ${different} of ${runs.length} differ`,
    );
    if (different > 0) process.exitCode = 1;
  },
});
