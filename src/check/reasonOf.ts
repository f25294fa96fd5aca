import { printable } from './printable.js';

/** The reason that a caught value gives: the message of an Error, else its text; safe for a terminal. */
export function reasonOf(cause: unknown): string {
  return printable(cause instanceof Error ? cause.message : String(cause));
}
