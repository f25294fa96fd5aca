#!/usr/bin/env node
// The command `rxrnn`: alone it lists the jobs, and with the name of one it does that job. `.config/buildCommand.mjs`
// compiles it with every script of pipelines/, and fills in their names.
import { fileURLToPath } from 'node:url';
import { helpTable } from './helpTable.js';
import { print } from './print.js';
import { say } from './say.js';
import { terminalColumns } from './terminalColumns.js';

/** What each script does, by its name. */
declare const JOBS: Readonly<Record<string, string>>;
declare const VERSION: string;

const [given, ...rest] = process.argv.slice(2);
const [job, args] = given === 'help' && rest[0] !== undefined ? [rest[0], ['--help']] : [given, rest];

if (job === undefined || ['help', '--help', '-h'].includes(job)) {
  const table = helpTable(
    Object.entries(JOBS).map(([name, what]) => [`  ${name}`, what]),
    terminalColumns(),
  );
  print(`npx rxrnn JOB [options]\n\n${table}\n\nnpx rxrnn JOB --help lists the options of a job.`);
} else if (job === '--version' || job === '-v') {
  process.stdout.write(`${VERSION}\n`);
} else if (Object.hasOwn(JOBS, job)) {
  const script = new URL(`./${job}.js`, import.meta.url);
  process.argv = [process.argv[0]!, fileURLToPath(script), ...args];
  await import(script.href);
} else {
  const { nearestName, visible } = await import('../../src/index.js'); // the list above does without
  const names = Object.keys(JOBS);
  const nearest = nearestName(job, names);
  const hint = nearest === undefined ? `there are ${names.join(', ')}` : `did you mean ${nearest}?`;
  say(`rxrnn: no job ${visible(job, { most: 100 })}; ${hint}`);
  process.exitCode = 2;
}
