import { refuse } from '../check/refuse.js';

/** Accepts streams that can be written to, of Node or like them. */
export function checkWritable(who: string, option: string, value: unknown): void {
  const { write, on } = (value ?? {}) as { readonly write?: unknown; readonly on?: unknown };
  if (typeof write === 'function' && typeof on === 'function') return;
  refuse(who, option, 'a stream to write to', value, 'none');
}
