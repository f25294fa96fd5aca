import { refuse } from './refuse.js';

/** Accepts observables: of any copy of RxJS, and so by what they can do. */
export function stream(who: string, option: string, value: unknown): void {
  const { pipe, subscribe } = (value ?? {}) as { readonly pipe?: unknown; readonly subscribe?: unknown };
  if (typeof pipe === 'function' && typeof subscribe === 'function') return;
  refuse(who, option, 'an observable', value, 'none');
}
