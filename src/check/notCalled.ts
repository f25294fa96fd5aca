import { showName } from './showName.js';

/**
 * A hint for a message: a function that gets an observable as its first argument was itself put into a `pipe`, instead of
 * what it returns. Empty for any other value.
 */
export function notCalled(who: string, value: unknown): string {
  try {
    const { pipe, subscribe } = (value ?? {}) as { readonly pipe?: unknown; readonly subscribe?: unknown };
    if (typeof pipe === 'function' && typeof subscribe === 'function') {
      return `; call it where you pass it on: ${showName(who)}(…)`;
    }
  } catch {
    // a proxy that was revoked, or a getter that throws
  }
  return '';
}
