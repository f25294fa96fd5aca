import { show } from '../check/show.js';

/**
 * Gives the function that opens what a source reads: `given` itself where it is a function, else one that hands `given`
 * out once and is then an Error, since it can be read only once.
 */
export function openOnce<S extends object>(who: string, name: string, given: S | (() => S)): () => S {
  if (typeof given === 'function') return given;
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`${who}: ${name} must be ${article(name)} or a function that opens one, got ${show(given)}`);
  }
  let opened = false;
  return () => {
    if (opened) {
      throw new Error(`${who}: a ${name} can be read only once; give a function that opens one for each subscription`);
    }
    opened = true;
    return given;
  };
}

function article(name: string): string {
  return /^[aeiou]/i.test(name) ? `an ${name}` : `a ${name}`;
}
