import type { ObservableNotification } from 'rxjs';
import { describe } from './describe.js';

/**
 * The marble of each value, by the value's text (as `describe` writes it); errors as `error …`, all with the marble
 * `#`.
 */
export type Legend = Map<string, string>;

/** Marbles of a legend, and letters for the values that have none yet. */
export interface MarbleLetters {
  /** Makes a value of one character its own marble, if that is free: before other values get letters. */
  reserve(notification: ObservableNotification<unknown>): void;
  /** Returns the marble of a notification, and adds it to the legend. */
  marble(notification: ObservableNotification<unknown>): string;
  /** Gives a text a marble, which others then do not get. */
  set(text: string, marble: string): void;
}

/** The marbles of values that are not their own. */
export const LETTERS: readonly string[] = Array.from(
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZαβγδεζηθικλμνξοπρστυφχψωΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ',
);

/** Points of marbles after the letters: ideographs first; surrogates between them are not characters. */
const [FIRST, SURROGATES, AFTER, LAST] = [0x4e00, 0xd800, 0xe000, 0x10ffff];

/**
 * Returns the marbles of a legend, which only this object may change while it is used: it remembers which letters are
 * taken, so that each value takes the same time, however many there are.
 */
export function marbleLetters(legend: Legend): MarbleLetters {
  const used = new Set(legend.values());
  let letter = 0; // all before this are used
  let point = FIRST; // and all from the first ideograph to before this

  function add(text: string, marble: string): string {
    legend.set(text, marble);
    used.add(marble);
    return marble;
  }
  /** The first letter that is free; when there is none left, the first free character from the ideographs on. */
  function free(): string {
    while (letter < LETTERS.length && used.has(LETTERS[letter]!)) letter += 1;
    if (letter < LETTERS.length) return LETTERS[letter]!;
    for (; point <= LAST; point = point + 1 === SURROGATES ? AFTER : point + 1) {
      const character = String.fromCodePoint(point);
      if (!used.has(character)) return character;
    }
    throw new RangeError(`diagram: more different values than there are characters, ${used.size}; draw a part`);
  }
  return {
    set: add,
    reserve(notification) {
      if (notification.kind !== 'N' || !isOwnMarble(notification.value)) return;
      const text = describe(notification.value);
      if (!legend.has(text) && !used.has(notification.value)) add(text, notification.value);
    },
    marble(notification) {
      if (notification.kind === 'C') return '|';
      if (notification.kind === 'E') return add(`error ${describe(notification.error)}`, '#');
      const text = describe(notification.value);
      return legend.get(text) ?? add(text, free());
    },
  };
}

/** Tells whether a value can be its own marble: one visible character that is not a sign of the grammar. */
export function isOwnMarble(value: unknown): value is string {
  return typeof value === 'string' && /^(?![-|#()^!%:=])[\p{L}\p{P}\p{S}]$/u.test(value);
}
