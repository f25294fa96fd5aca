import { say } from './say.js';

/** Tells a person at a terminal, before a long run, that what it learns is lost at its end; nothing elsewhere. */
export function warnUnsaved(): void {
  if (process.stderr.isTTY) say('what is learned is not saved: --out FILE keeps it, also on Ctrl-C');
}
