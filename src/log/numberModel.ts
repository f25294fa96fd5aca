import { log } from '../kernel/math/log.js';
import { hashOf } from './hashOf.js';
import { numbersIn, type WrittenNumber } from './numbersIn.js';

/** A number that is far from those before it. */
export interface FarNumber {
  /** As it is written in the line. */
  readonly text: string;
  /** Bits of being so far off, as the farthest of the numbers that the line has. */
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
  score(slot: number, value: string): number;
  /** The farthest number since `begin`; undefined where all were as usual. */
  readonly farthest: FarNumber | undefined;
  /** Begins a line. */
  begin(): void;
  readonly state: { readonly tags: Uint16Array; readonly counts: Uint16Array; readonly moments: Float64Array };
}

const PLACES = 1 << 13; // slots
/** Of a slot: mean and variance, those of logarithms, and what the names say. */
const MOMENTS = 9;
const [LOGARITHMS, LOW, HIGH, RESOLUTION, SPECIALS, FAMILY] = [2, 4, 5, 6, 7, 8] as const;
const LEAST = 16; // numbers of a slot before one is far off
const MOST_COUNT = 4095;
const MEMORY = 256; // numbers whose mean is the usual one
const FAR_DEVIATIONS = 5; // deviations up to which a number is as usual
const SPREAD = 0.25; // the least deviation of logarithms, base 2
const TINY = 1e-140; // of means and variances
const FAR_BITS = 5; // of the farthest of a line's numbers, from which it is one

/**
 * Makes a model of the numbers of slots: the mean and deviation of about the last 256, and of their logarithms. A number is
 * as far off, in deviations z, as it is on the scale where it is less so: neither a wide nor a skew range makes its ends
 * strange, and nothing within five deviations is. By Chebyshev's inequality at most a share of 1 / z² of any numbers is as
 * far off; after n numbers no share below 1 / (n + 1) is believed. Of the first number with another sign the logarithm
 * alone counts, and where that is far off the share is 1 / (n + 1); so it is for the first that is not finite.
 *
 * Beyond all numbers before, a share of k^−α is taken to be further off by a factor of k: Pareto's tail, with the α at which
 * its logarithms deviate as those of the slot do, so that a heavy tail makes its own ends no stranger. That counts for as many
 * bits again at most.
 * Logarithms are of 1 + |x| / u, where u is the place value of the last digit of the slot's first number.
 *
 * The farthest of n numbers of a line counts as one in n: its share is n times as large, as the least of n p-values. So the
 * numbers of a line do not add up, and many of them make none strange.
 *
 * Each number of a value has a slot of its own, by the text before it and by what it counts, as `numbersIn` reads it: numbers of
 * different units of time or bytes are compared, and those of other units never.
 */
export function numberModel(): NumberModel {
  const tags = new Uint16Array(PLACES);
  const counts = new Uint16Array(PLACES);
  const moments = new Float64Array(PLACES * MOMENTS);
  let farthest: FarNumber | undefined;
  let compared = 0;

  /** Deviations of a number from the mean at a place of the moments. */
  function deviations(at: number, x: number, least: number): number {
    return Math.abs(x - moments[at]!) / Math.max(Math.sqrt(moments[at + 1]!), least);
  }
  function learn(at: number, x: number, rate: number): void {
    const off = x - moments[at]!;
    const mean = moments[at]! + rate * off;
    const variance = (1 - rate) * (moments[at + 1]! + rate * off * off);
    // what the same number again and again makes tiny would become subnormal, which is slow
    moments[at] = Math.abs(mean) < TINY ? 0 : mean;
    moments[at + 1] = variance < TINY ? 0 : variance;
  }
  /** The place of a slot, emptied for its first number; −1 where another slot has it, which fades. */
  function placeOf(slot: number): number {
    const hash = Math.imul(slot ^ (slot >>> 15), 0x2c1b3c6d);
    const place = (hash ^ (hash >>> 13)) & (PLACES - 1);
    const tag = hash >>> 16;
    if (tags[place] === tag && counts[place]! > 0) return place;
    if (counts[place]! > 1) {
      counts[place]! >>= 1;
      return -1;
    }
    tags[place] = tag;
    counts[place] = 0;
    moments.fill(0, place * MOMENTS, (place + 1) * MOMENTS);
    return place;
  }
  /** The place of a written number: that of the first family in its slot is the slot's own. */
  function placeOfNumber(slot: number, family: number): number {
    const place = placeOf(slot);
    if (place < 0) return place;
    if (counts[place] === 0) moments[place * MOMENTS + FAMILY] = family;
    if (moments[place * MOMENTS + FAMILY] === family) return place;
    return placeOf(Math.imul(slot ^ family, 0x3d4d51cb));
  }

  /** Bits of how far off a number is. */
  function farOff(at: number, count: number, x: number, y: number): number {
    const [low, high, resolution] = [moments[at + LOW]!, moments[at + HIGH]!, moments[at + RESOLUTION]!];
    const turned = (x < 0 && low >= 0) || (x > 0 && high < 0);
    const ofLogarithm = deviations(at + LOGARITHMS, y, SPREAD);
    const far = turned ? ofLogarithm : Math.min(deviations(at, x, 1e-9), ofLogarithm);
    if (far <= FAR_DEVIATIONS) return 0;
    const most = log(count + 1) / Math.LN2;
    const edge = x > high ? logarithm(high, resolution) : x < low ? logarithm(low, resolution) : y;
    const beyond = Math.abs(y - edge) / Math.max(Math.sqrt(moments[at + LOGARITHMS + 1]!), SPREAD) / Math.LN2;
    return (turned ? most : Math.min((2 * log(far)) / Math.LN2, most)) + Math.min(beyond, most);
  }
  function scoreNumber(place: number, { text, number, unit, resolution }: WrittenNumber): number {
    const at = place * MOMENTS;
    const count = counts[place]!;
    const x = number * unit.scale;
    if (count === 0) {
      moments[at + LOW] = moments[at + HIGH] = x;
      moments[at + RESOLUTION] = resolution * unit.scale;
    }
    const y = logarithm(x, moments[at + RESOLUTION]!);
    const [low, high] = [moments[at + LOW]!, moments[at + HIGH]!];
    const bits = count < LEAST ? 0 : farOff(at, count, x, y);
    if (count >= LEAST) note(text, bits, low / unit.scale, high / unit.scale);
    const rate = 1 / Math.min(count + 1, MEMORY);
    learn(at, x, rate);
    learn(at + LOGARITHMS, y, rate);
    moments[at + LOW] = Math.min(low, x);
    moments[at + HIGH] = Math.max(high, x);
    if (count < MOST_COUNT) counts[place] = count + 1;
    return bits;
  }
  /** Scores what a program wrote in place of a number where its slot has numbers. */
  function scoreSpecial(place: number, text: string): number {
    const at = place * MOMENTS;
    if (place < 0 || counts[place]! < LEAST) return 0;
    moments[at + SPECIALS]! += 1;
    const bits = Math.max(0, log((counts[place]! + 1) / moments[at + SPECIALS]!) / Math.LN2);
    note(text, bits, moments[at + LOW]!, moments[at + HIGH]!);
    return bits;
  }
  function note(text: string, bits: number, low: number, high: number): void {
    compared += 1;
    if (bits > (farthest?.bits ?? 0)) farthest = { text, bits, low, high };
  }

  return {
    score(slot, value) {
      let bits = 0;
      for (const written of numbersIn(value)) {
        const { before, number, text, unit } = written;
        const own = before === '' ? slot : Math.imul(slot ^ hashOf(before), 0x297a2d39);
        if (Number.isNaN(number)) {
          bits = Math.max(bits, scoreSpecial(placeOf(own), text));
          continue;
        }
        const place = placeOfNumber(own, hashOf(unit.family));
        if (place >= 0) bits = Math.max(bits, scoreNumber(place, written));
      }
      return bits;
    },
    get farthest() {
      const bits = farthest ? farthest.bits - log(compared) / Math.LN2 : 0;
      return bits > FAR_BITS ? { ...farthest!, bits } : undefined;
    },
    begin() {
      farthest = undefined;
      compared = 0;
    },
    state: { tags, counts, moments },
  };
}

/** Log2 of 1 + |x| / unit, with the sign of x. */
function logarithm(x: number, unit: number): number {
  return ((x < 0 ? -1 : 1) * log(1 + Math.abs(x) / unit)) / Math.LN2;
}
