import type { Generated, GenerateTextOptions } from './generateText.js';

/** A test of each generated token in turn: whether it is the last. A text may run over several; their end is kept. */
export function stopping({ stop, vocabulary }: GenerateTextOptions): (generated: Generated) => boolean {
  if (stop === undefined) return () => false;
  if (typeof stop === 'function') return stop;
  if (typeof stop === 'number') return ({ token }) => token === stop;
  if (!vocabulary) throw new TypeError('generateText: a stop that is a text needs a vocabulary');
  if (stop === '') throw new RangeError('generateText: stop must not be an empty text');
  const { symbols } = vocabulary;
  let tail = '';
  return ({ token }) => {
    tail += symbols[token]!;
    const found = tail.includes(stop);
    tail = tail.slice(-stop.length);
    return found;
  };
}
