import { argv } from 'node:process';
import { relative } from 'node:path';

/** The command that goes on with this run: the one that was typed, with `--resume`. */
export function resumeCommand(args: readonly string[] = argv): string {
  const [, script = '', ...options] = args;
  const words = ['npx', 'tsx', relative('', script), ...options.filter((option) => option !== '--resume'), '--resume'];
  return words.map(quoted).join(' ');
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
