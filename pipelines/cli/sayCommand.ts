import { say } from './say.js';

/** Says on standard error how to go on: for what, and below it a command in one line of any length, to be pasted. */
export function sayCommand(purpose: string, command: string): void {
  say(`${purpose}:`);
  process.stderr.write(`  ${command}\n`);
}
