import { visible } from '../../src/index.js';

/** Writes words as a command that a person can paste into a shell. */
export function commandLine(words: readonly string[]): string {
  return words.map(quote).join(' ');
}

/** Quotes a word for a shell where it needs quotes. */
function quote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (visible(word) === word) return `'${word.replaceAll("'", String.raw`'\''`)}'`;
  // what would steer the terminal, as bash and zsh read it
  const escaped = visible(word.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`));
  return `$'${escaped.replace(/\\u\{(\w+)\}/g, (_, digits: string) => `\\U${digits.padStart(8, '0')}`)}'`;
}
