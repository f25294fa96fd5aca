import { basename, dirname, extname, join, relative } from 'node:path';
import { commandLine } from './commandLine.js';
import { invocation } from './invocation.js';
import { sayCommand } from './sayCommand.js';

/**
 * Tells a person at a terminal how to go on: `suggest('to write with it', 'generate', '--model', out)`. Nothing is printed
 * elsewhere, so that what is piped or logged stays as it was.
 */
export function suggest(purpose: string, job: string, ...args: readonly string[]): void {
  if (process.stderr.isTTY) sayCommand(purpose, jobCommand(job, args));
}

/** Gives the command that starts another job in the way that this one was started. */
export function jobCommand(job: string, args: readonly string[], script: string = process.argv[1] ?? ''): string {
  const other = join(dirname(script), `${job}${extname(basename(script))}`);
  return commandLine([...invocation(relative('', other)), ...args]);
}
