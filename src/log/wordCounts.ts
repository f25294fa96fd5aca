import { log } from '../kernel/math/log.js';
import { countTable } from './countTable.js';
import { fnv1a } from './fnv1a.js';
import { isDigit } from './isDigit.js';
import { isHexLetter } from './isHexLetter.js';
import { type HexPart, partOfHex } from './partOfHex.js';
import { unitOf } from './unitOf.js';

/** A word of a line that never came before. */
export interface NewWord {
  readonly text: string;
  /** Where it begins, in UTF-16 units. */
  readonly at: number;
}

/** Counts words, and which follows which. */
export interface WordCounts {
  /** Bits of the most surprising word of a line, after the word before it. Counts them; the first new ones are in `fresh`. */
  add(line: string): number;
  readonly fresh: readonly NewWord[];
  readonly state: Readonly<Record<string, Uint16Array | Int32Array>>;
}

const PLACES = 1 << 18;
const FULL = 65535;
const WORDS = 50_000; // equally likely where nothing is known
const BEGIN = 0x1b873593;
const END = 0x3d4d51cb;
const X = 120; // of `0x`
const MOST_READ = 4096; // characters of a line
const MOST_FRESH = 16;
const MOST_SYMBOL = 3; // letters of a unit that is not written out, such as GiB
const FEW = 64; // numbers: sorting them one by one takes time by their square
const LEAST_HEX = 6; // digits of a number that says that its place has such

const [OF_DAYS, OF_MONTHS, OF_HALVES] = [0x3c6ef372, 0x1f83d9ab, 0x5be0cd19];
/** Names of times by their hashes: what they count as. */
const NAMES_OF_TIMES: ReadonlyMap<number, number> = /* @__PURE__ */ namesOfTimes();

function namesOfTimes(): Map<number, number> {
  return new Map([
    ...namesOf('mon tue wed thu fri sat sun', OF_DAYS),
    ...namesOf('monday tuesday wednesday thursday friday saturday sunday', OF_DAYS),
    ...namesOf('jan feb mar apr may jun jul aug sep sept oct nov dec', OF_MONTHS),
    ...namesOf('january february march april june july august september october november december', OF_MONTHS),
    ...namesOf('am pm', OF_HALVES),
  ]);
}

/**
 * Makes a table of words: letters and `_`, two or more, but not those of hexadecimal numbers, which are new each time;
 * counted by hash, so that memory stays as it is. What may be a hexadecimal number without a digit, or is one after `0x`, is a
 * word until such numbers came in its place: after the same word and character. Letters after `0x` are counted as words then,
 * too, but are not new: that a log has such numbers says something of its lines. A unit of a number is not counted as a word. The
 * names of weekdays count as one word, and beside a digit those of months, and the halves of the day: none is new at the turn of
 * a day or month.
 */
export function wordCounts(): WordCounts {
  const counts = new Uint16Array(PLACES);
  const pairs = countTable({ contextBits: 15, pairBits: 17 });
  const contexts = new Int32Array(2); // of nothing, and of the word before
  const here: number[] = []; // places of this line's words
  let fresh: NewWord[] = [];
  let before = 0; // hash of the word before
  let prefixed = false; // the hexadecimal number that was looked at last comes after `0x`
  let least = 1; // share of the least likely word
  let part: HexPart | undefined; // of this line, the one that was looked at last

  function follow(word: number): void {
    contexts[1] = before;
    const share = pairs.learnAll(contexts, word, 1 / WORDS);
    if (share < least) least = share;
    before = word;
  }
  /** Whether the letters are of a hexadecimal number; notes its place. */
  function isHex(line: string, from: number, to: number): boolean {
    if (!part || to > part.first + part.length) part = partOfHex(line, from, to); // or else letters of the same digits
    const { kind, first, length } = part;
    prefixed = false;
    if (kind === 'word' || (kind === 'number' && length < LEAST_HEX)) return kind === 'number';
    const code = first > 0 ? line.charCodeAt(first - 1) : 0;
    prefixed = (code | 32) === X;
    const mixed = Math.imul(before ^ Math.imul(code + 1, 0x297a2d39), 0x2c1b3c6d);
    const place = (mixed ^ (mixed >>> 13)) & (PLACES - 1);
    const known = counts[place]! > 0;
    if (!known && (kind === 'number' || ((code | 32) === X && to - from > 1))) counts[place] = 1;
    return known || kind === 'number';
  }
  return {
    add(line) {
      fresh = [];
      here.length = 0;
      part = undefined;
      least = 1;
      before = BEGIN;
      let hash = 0;
      let start = -1;
      let hex = false; // whether all letters of the word so far are of hexadecimal numbers
      const end = Math.min(line.length, MOST_READ);
      for (let i = 0; i <= end; i++) {
        const code = i < end ? line.charCodeAt(i) : 32;
        const lower = code >= 65 && code <= 90 ? code + 32 : code;
        if ((lower >= 97 && lower <= 122) || code === 95 || code >= 192) {
          if (start < 0) [start, hash, hex] = [i, 0x811c9dc5, true];
          hex &&= isHexLetter(code) || (i === start && lower === X && line[i - 1] === '0');
          hash = Math.imul(hash ^ lower, 0x01000193);
          continue;
        }
        const isNumber = start >= 0 && hex && isHex(line, isHexLetter(line.charCodeAt(start)) ? start : start + 1, i);
        if (start >= 0 && i - start > 1 && !(isNumber && !prefixed) && !isUnit(line, start, i)) {
          const known = NAMES_OF_TIMES.get(hash);
          if (known !== undefined && (known === OF_DAYS || isBesideDigit(line, start, i))) hash = known;
          const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
          const word = mixed ^ (mixed >>> 13);
          const place = word & (PLACES - 1);
          if (counts[place] === 0 && !isNumber && fresh.length < MOST_FRESH)
            fresh.push({ text: line.slice(start, i), at: start });
          here.push(place);
          follow(word);
        }
        start = -1;
      }
      follow(END);
      sortNumbers(here);
      for (let i = 0; i < here.length; i++) {
        const place = here[i]!;
        if (place !== here[i - 1] && counts[place]! < FULL) counts[place]! += 1;
      }
      return -log(least) / Math.LN2;
    },
    get fresh() {
      return fresh;
    },
    state: { words: counts, ...pairs.state },
  };
}

/** Sorts numbers, from the lowest up; a few of them faster than `sort`. */
function sortNumbers(numbers: number[]): void {
  if (numbers.length > FEW) {
    numbers.sort((a, b) => a - b);
    return;
  }
  for (let i = 1; i < numbers.length; i++) {
    const one = numbers[i]!;
    let at = i;
    for (; at > 0 && numbers[at - 1]! > one; at--) numbers[at] = numbers[at - 1]!;
    numbers[at] = one;
  }
}

/** Whether letters are a unit that varies with the number in front of them; behind a space one that is written out is a word. */
function isUnit(line: string, from: number, to: number): boolean {
  const space = line.charCodeAt(from - 1) === 32 ? 1 : 0;
  if (space > 0 && to - from > MOST_SYMBOL) return false;
  return isDigit(line.charCodeAt(from - 1 - space)) && unitOf(line.slice(from, to)).varies;
}

function namesOf(names: string, kind: number): [number, number][] {
  return names.split(' ').map((name) => [fnv1a(name), kind]);
}

/** Whether a digit is beside a word, with one or two signs of dates between them. */
function isBesideDigit(line: string, from: number, to: number): boolean {
  return /\d[ /.:-]?$/.test(line.slice(Math.max(0, from - 2), from)) || /^[ /.,-]{0,2}\d/.test(line.slice(to, to + 3));
}
