// Runs test files in this one process and, where there is a mutant, stops at the first test that fails. Exit status 1
// also where the process ends because a test waits for what never comes, and where fewer tests passed than there are:
// uvu's own status is 0 after a test that threw `undefined`.
import { pathToFileURL } from 'node:url';
import * as fc from 'fast-check';

/** What uvu writes for a test that failed. Its own way to stop early waits for the other tests of the file. */
const FAILED = '✘';

fc.configureGlobal({ endOnFailure: true }); // a smaller example is of no use here
const mutated = process.env['__STRYKER_ACTIVE_MUTANT__'] !== undefined;
const write = process.stdout.write.bind(process.stdout);
let written = '';
process.stdout.write = (chunk: string | Uint8Array): boolean => {
  written += String(chunk);
  if (mutated && written.includes(FAILED)) process.exit(1);
  return write(chunk);
};
Object.assign(globalThis, { UVU_DEFER: 1, UVU_INDEX: 0, UVU_QUEUE: [[null]] });
process.exitCode = 1;
for (const file of process.argv.slice(2)) await import(pathToFileURL(file).href);
const { exec } = await import('uvu');
await exec();
const [, total, passed] = /Total: +(\d+)\n +Passed: +(\d+)/.exec(written) ?? [];
process.exit(total !== undefined && total === passed ? 0 : 1);
