import { visible } from './visible.js';

/** The reason that a caught value gives: the message of an Error, else its text; safe for a terminal. */
export function reasonOf(cause: unknown): string {
  return visible(cause instanceof Error ? cause.message : String(cause));
}
