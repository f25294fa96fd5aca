import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command, UsageError } from '../../pipelines/cli/command.js';
import { checkGolden } from './checkGolden.js';

await command(import.meta.url, {
  about: 'Checks the library against every golden (*.json) of a folder, test/goldens by default.',
  argument: 'DIR',
  options: {},
  async run(_, folder = fileURLToPath(new URL('.', import.meta.url))) {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
    if (names.length === 0) throw new UsageError(`no golden (*.json) in ${folder}`);
    let passed = 0;
    for (const name of names.toSorted()) if (await passes(folder, name)) passed++;
    console.log(`${passed} passed, ${names.length - passed} failed`);
    if (passed < names.length) process.exitCode = 1;
  },
});

async function passes(folder: string, name: string): Promise<boolean> {
  const { count, largestError, worst, failures } = await checkGolden(join(folder, name));
  const good = failures.length === 0;
  const figures = `${count} values, largest error ${largestError.toExponential(1)}, ${(worst * 100).toPrecision(2)} % of what is allowed`;
  console.log(`${good ? ' ok ' : 'FAIL'} ${name}: ${figures}`);
  for (const failure of failures.slice(0, 10)) console.log(`       ${failure}`);
  if (failures.length > 10) console.log(`       and ${failures.length - 10} more`);
  return good;
}
