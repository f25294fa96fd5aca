// Checks every golden of a folder against the library: `npm run goldens -- [DIR]`, test/goldens by default.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkGolden } from './checkGolden.js';

const folder = process.argv[2] ?? fileURLToPath(new URL('.', import.meta.url));
let passed = 0;
let failed = 0;
try {
  for (const name of readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .toSorted()) {
    const { count, largestError, worst, failures } = await checkGolden(join(folder, name));
    const good = failures.length === 0;
    if (good) passed++;
    else failed++;
    const figures = `${count} values, largest error ${largestError.toExponential(1)}, ${(worst * 100).toPrecision(2)} % of what is allowed`;
    console.log(`${good ? ' ok ' : 'FAIL'} ${name}: ${figures}`);
    for (const failure of failures.slice(0, 10)) console.log(`       ${failure}`);
    if (failures.length > 10) console.log(`       and ${failures.length - 10} more`);
  }
  if (passed + failed === 0) throw new Error(`no golden (*.json) in ${folder}`);
} catch (error) {
  failed++;
  console.log(`FAIL ${error instanceof Error ? error.message : String(error)}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
