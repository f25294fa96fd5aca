import { say } from './say.js';

/** Writes what a person reads, and a line feed, to standard output, wrapped at words where that is a terminal. */
export function print(text: string): void {
  say(text, process.stdout);
}
