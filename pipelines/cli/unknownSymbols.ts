import { amount } from './amount.js';
import { shownSymbol } from './shownSymbol.js';

/** What texts are made of, and where their symbols were looked for. */
export interface UnknownSymbolsOptions {
  readonly text: string;
  readonly symbol: string;
  /** Such as `in no example`. */
  readonly where: string;
  /** What that means, such as `what is made of them is a guess`. */
  readonly so: string;
}

/** Watches for symbols in texts that were never learned. */
export interface UnknownSymbols {
  /** Takes those of the next text. */
  add(unknown: readonly string[]): void;
  /** What is to be said of them all; undefined where there were none. */
  complaint(): string | undefined;
}

/** The most different ones that a complaint names. */
const NAMED = 10;

/** Counts symbols that were never learned, and names the first different ones, so that it is said once. */
export function unknownSymbols({ text, symbol, where, so }: UnknownSymbolsOptions): UnknownSymbols {
  const named = new Set<string>();
  let [texts, count] = [0, 0];
  let areMore = false;
  return {
    add(unknown) {
      if (unknown.length > 0) texts += 1;
      count += unknown.length;
      for (const each of unknown) {
        if (named.size < NAMED) named.add(each);
        else areMore ||= !named.has(each);
      }
    },
    complaint() {
      if (count === 0) return undefined;
      const list = `${[...named].map(shownSymbol).join(', ')}${areMore ? ', …' : ''}`;
      const are = count === 1 ? 'is' : 'are';
      return `${amount(count, symbol)} of ${amount(texts, text)} ${are} ${where}: ${list}; ${so}`;
    },
  };
}
