import { log } from '../kernel/math/log.js';
import { hashOf } from './hashOf.js';
import type { ParameterKind } from './maskToken.js';

/** A number that is far from those before it. */
export interface FarNumber {
  /** As it is written in the line. */
  readonly text: string;
  /** Bits of being so far off, by a bound that holds for any numbers. */
  readonly bits: number;
  /** The lowest and the highest before it, in its own unit. */
  readonly low: number;
  readonly high: number;
  /** Whether it is a date, whose lowest and highest are years. */
  readonly isDate?: boolean;
}

/** Says which numbers are far from those that their slot had before. */
export interface NumberModel {
  /** Bits of how far off the numbers of a value are, 0 where they are as usual or none; then learns them. */
  score(slot: number, value: string, kind: ParameterKind): number;
  /** The farthest number since `begin`; undefined where all were as usual. */
  readonly farthest: FarNumber | undefined;
  /** Begins a line. */
  begin(): void;
  readonly state: { readonly tags: Uint16Array; readonly counts: Uint16Array; readonly moments: Float64Array };
}

const PLACES = 1 << 13; // slots
const MOMENTS = 6; // mean and variance, those of logarithms, the lowest and the highest
const LEAST = 16; // numbers of a slot before one is far off
const MOST_COUNT = 4095;
const MEMORY = 256; // numbers whose mean is the usual one
const FAR_DEVIATIONS = 5; // deviations up to which a number is as usual
const SPREAD = 0.25; // the least deviation of logarithms, base 2
const MOST_LENGTH = 64;
const NUMBER = /^(?:[A-Za-z_][\w.-]*[=:]|[=:])?["'([<]?(-?\d{1,15}(?:,\d{3})*(?:\.\d+)?)(ns|[uµμ]s|ms|s|[A-Za-z%]{0,3})["')\]>,;.]*$/; // prettier-ignore
/** What is between letters and signs of other scripts; the first letter of µs is none of them. */
const PIECE = /(?:[^\u0080-\uffff]|(?<=\d)[µμ](?=s))+/g;
const MOST_PIECES = 16; // of a value
/** Units of time that programs change between, in milliseconds. */
const UNITS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1000 };

/**
 * Makes a model of the numbers of slots: the mean and deviation of about the last 256, and of their logarithms. A number is
 * as far off, in deviations z, as it is on the scale where it is less so: neither a wide nor a skew range makes its ends
 * strange, and nothing within five deviations is. By Chebyshev's inequality at most a share of 1 / z² of any numbers is as
 * far off; after n numbers no share below 1 / (n + 1) is believed. Of the first number with another sign the logarithm
 * alone counts, and where that is far off the share is 1 / (n + 1).
 *
 * Where scripts without spaces have numbers between their letters, each has a slot of its own, by the letters before it.
 */
export function numberModel(): NumberModel {
  const tags = new Uint16Array(PLACES);
  const counts = new Uint16Array(PLACES);
  const moments = new Float64Array(PLACES * MOMENTS);
  let farthest: FarNumber | undefined;

  /** Deviations of a number from the mean at a place of the moments. */
  function deviations(at: number, x: number, least: number): number {
    return Math.abs(x - moments[at]!) / Math.max(Math.sqrt(moments[at + 1]!), least);
  }
  function learn(at: number, x: number, rate: number): void {
    const off = x - moments[at]!;
    moments[at]! += rate * off;
    moments[at + 1] = (1 - rate) * (moments[at + 1]! + rate * off * off);
  }

  function scoreOne(slot: number, [, digits, suffix]: RegExpExecArray): number {
    const unit = UNITS[suffix!] ?? 1;
    const x = Number(digits!.replaceAll(',', '')) * unit;
    const y = (x < 0 ? -1 : 1) * (log(1 + Math.abs(x)) / Math.LN2);
    const hash = Math.imul(slot ^ (slot >>> 15), 0x2c1b3c6d);
    const place = (hash ^ (hash >>> 13)) & (PLACES - 1);
    const tag = hash >>> 16;
    const at = place * MOMENTS;
    if (tags[place] !== tag || counts[place] === 0) {
      if (counts[place]! > 1) {
        counts[place]! >>= 1; // of another slot, which fades
        return 0;
      }
      tags[place] = tag;
      counts[place] = 0;
      moments.fill(0, at, at + MOMENTS);
      moments[at + 4] = moments[at + 5] = x;
    }
    const count = counts[place]!;
    const [low, high] = [moments[at + 4]!, moments[at + 5]!];
    let bits = 0;
    if (count >= LEAST) {
      const most = log(count + 1) / Math.LN2;
      const turned = (x < 0 && low >= 0) || (x > 0 && high < 0);
      const ofLogarithm = deviations(at + 2, y, SPREAD);
      const far = turned ? ofLogarithm : Math.min(deviations(at, x, 1e-9), ofLogarithm);
      if (far > FAR_DEVIATIONS) bits = turned ? most : Math.min((2 * log(far)) / Math.LN2, most);
      if (bits > (farthest?.bits ?? 0)) {
        farthest = { text: digits! + suffix!, bits, low: low / unit, high: high / unit };
      }
    }
    const rate = 1 / Math.min(count + 1, MEMORY);
    learn(at, x, rate);
    learn(at + 2, y, rate);
    moments[at + 4] = Math.min(low, x);
    moments[at + 5] = Math.max(high, x);
    if (count < MOST_COUNT) counts[place] = count + 1;
    return bits;
  }
  /** The most bits of the numbers between letters and signs of other scripts. */
  function scorePieces(slot: number, value: string): number {
    let bits = 0;
    let end = 0;
    PIECE.lastIndex = 0;
    for (let i = 0; i < MOST_PIECES; i++) {
      const piece = PIECE.exec(value);
      if (!piece || piece[0].length === value.length) break; // ASCII alone
      const found = numberIn(piece[0]);
      const place = Math.imul(slot ^ hashOf(value.slice(end, piece.index)), 0x297a2d39);
      if (found) bits = Math.max(bits, scoreOne(place, found));
      end = PIECE.lastIndex;
    }
    return bits;
  }

  return {
    score(slot, value, kind) {
      const found = kind === 'number' ? numberIn(value) : null;
      return found ? scoreOne(slot, found) : scorePieces(slot, value);
    },
    get farthest() {
      return farthest;
    },
    begin() {
      farthest = undefined;
    },
    state: { tags, counts, moments },
  };
}

function numberIn(value: string): RegExpExecArray | null {
  return value.length > MOST_LENGTH ? null : NUMBER.exec(value);
}
