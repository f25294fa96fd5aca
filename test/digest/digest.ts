// Prints the digest of each run: `npm run digest [-- --write]`. With --write it becomes the one that tests expect.
import { readFileSync, writeFileSync } from 'node:fs';
import { piped, runs } from './runs.js';

const file = new URL('digests.json', import.meta.url);
const digests = Object.fromEntries(runs.map(([name, cell, dtype]) => [name, piped(cell, dtype)]));
if (process.argv.includes('--write')) writeFileSync(file, `${JSON.stringify(digests, undefined, 2)}\n`);
const kept = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
let different = 0;
for (const [name, digest] of Object.entries(digests)) {
  const same = digest === kept[name];
  if (!same) different += 1;
  console.log(`${same ? ' ok ' : 'FAIL'} ${name.padEnd(13)} ${digest}`);
}
console.log(`Node ${process.versions.node}, V8 ${process.versions.v8}: ${different} of ${runs.length} differ`);
process.exitCode = different > 0 ? 1 : 0;
