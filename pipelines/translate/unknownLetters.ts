import { type UnknownSymbols, unknownSymbols } from '../cli/unknownSymbols.js';

/** Counts the letters of words that are in no word that was learned. */
export function unknownLetters(): UnknownSymbols {
  return unknownSymbols({
    text: 'word',
    symbol: 'letter',
    where: 'in no word that was learned',
    so: 'what is made of them is a guess',
  });
}
