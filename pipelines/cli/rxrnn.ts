#!/usr/bin/env node
// The command `rxrnn`: alone it lists the jobs, and with the name of one it does that job. `.config/buildCommand.mjs`
// compiles it with every script of pipelines/, and fills in their names.
import { fileURLToPath } from 'node:url';
import { helpTable } from './helpTable.js';
import { terminalColumns } from './terminalColumns.js';

/** What each script does, by its name. */
declare const JOBS: Readonly<Record<string, string>>;
declare const VERSION: string;

const [job, ...args] = process.argv.slice(2);

if (job === undefined || job === '--help' || job === '-h') {
  const table = helpTable(
    Object.entries(JOBS).map(([name, what]) => [`  ${name}`, what]),
    terminalColumns(),
  );
  process.stdout.write(`npx rxrnn JOB [options]\n\n${table}\n\nnpx rxrnn JOB --help lists the options of a job.\n`);
} else if (job === '--version' || job === '-v') {
  process.stdout.write(`${VERSION}\n`);
} else if (Object.hasOwn(JOBS, job)) {
  const script = new URL(`./${job}.js`, import.meta.url);
  process.argv = [process.argv[0]!, fileURLToPath(script), ...args];
  await import(script.href);
} else {
  const { visible } = await import('../../src/index.js'); // the list above does without
  const names = Object.keys(JOBS).join(', ');
  process.stderr.write(`rxrnn: no job ${visible(job, { most: 100 })}; there are ${names}\n`);
  process.exitCode = 2;
}
