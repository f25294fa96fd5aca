import { show } from './show.js';
import { visible } from './visible.js';

/** The reason that a caught value gives: the message of an Error, else its text; safe for a terminal. */
export function reasonOf(cause: unknown): string {
  try {
    if (cause instanceof Error) return visible(cause.message);
  } catch {
    // a proxy that was revoked, or a message that throws
  }
  return typeof cause === 'string' ? visible(cause) : show(cause);
}
