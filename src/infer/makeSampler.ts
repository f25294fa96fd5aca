import type { Check } from '../check/check.js';
import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import type { Checks } from '../check/options.js';
import { orInfinity } from '../check/orInfinity.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import type { Kernel } from '../kernel/kernel.js';
import type { Random } from '../random/random.js';
import type { Numbers, Token } from '../types.js';
import { drawsTokens } from './drawsTokens.js';
import { softmaxInto } from './softmax.js';
import { topTokens } from './topTokens.js';

/** How a token is drawn from logits. */
export interface SamplingOptions {
  /** Divides the logits; 1 by default. At 0 the most likely token is taken and nothing is drawn. */
  readonly temperature?: number | undefined;
  /** Draws from this many of the most likely tokens only, a positive integer; from all by default. */
  readonly topK?: number | undefined;
  /**
   * Draws from the fewest of the most likely tokens whose probabilities, among those that `topK` left, add up to this
   * share, in (0, 1]; 1 by default.
   */
  readonly topP?: number | undefined;
  /** The generator to draw with. It may be left out where the temperature is 0. */
  readonly random?: Random | undefined;
}

/** Draws a token from one row of logits; a temperature given here replaces that of the options. */
export type Sampler = (logits: Numbers, temperature?: number) => Token;

/** A sampler that may be given the softmax of the logits, where it is already known. */
export type SoftmaxSampler = (logits: Numbers, temperature?: number, softmax?: Numbers) => Token;

/** Accepts temperatures: numbers from 0 up, `Infinity` included. */
export const checkTemperature: Check = orInfinity(finite(0));

/** The checks of these options, for the functions that have them among others. */
export const SAMPLING_CHECKS: Checks<SamplingOptions> = {
  temperature: optional(checkTemperature),
  topK: optional(positiveInteger),
  topP: optional((who, option, value) => {
    if (!(typeof value === 'number' && value > 0 && value <= 1)) refuse(who, option, 'in (0, 1]', value, 'number');
  }),
  random: optional(drawsTokens),
};

/**
 * Makes the function behind every sampler; `who` is the caller's name, for errors. Its buffers are allocated once per
 * size of vocabulary. With a kernel it uses the kernel's softmax, in the kernel's dtype; without one, `softmax` in
 * double precision.
 */
export function makeSampler(who: string, options: SamplingOptions, kernel?: Kernel): SoftmaxSampler {
  const { temperature = 1, topK, topP = 1, random } = options;
  const given = temperature;
  let probabilities: Numbers = new Float64Array(0);
  let order = new Int32Array(0);

  return (logits, temperature = given, softmax) => {
    if (temperature !== given) checkTemperature(who, 'temperature', temperature);
    if (temperature === 0) return topTokens(who, logits, 1)[0]!;
    if (random === undefined) throw new TypeError(`${who}: random is needed where the temperature is not 0`);
    const size = logits.length;
    const count = topK === undefined ? size : Math.min(topK, size);
    const all = count === size && topP === 1;
    if (softmax && temperature === 1 && all) return random.choice(checkFinite(who, softmax));
    if (probabilities.length !== size) {
      probabilities = kernel ? bufferOf(kernel, size) : new Float64Array(size);
      order = new Int32Array(size);
    }
    if (kernel) {
      probabilities.set(logits);
      if (temperature !== 1) for (let i = 0; i < size; i++) probabilities[i]! /= temperature;
      kernel.softmax(probabilities, 1, size);
      // with a temperature near 0 the quotients may overflow the kernel's dtype
      if (!(probabilities[0]! >= 0)) softmaxInto(who, probabilities, logits, temperature);
    } else {
      softmaxInto(who, probabilities, logits, temperature);
    }
    if (!all) keepTop(probabilities, order, count, topP);
    return random.choice(probabilities); // which divides by the sum of what is left
  };
}

/** Where a logit is not finite, every probability is NaN. */
function checkFinite(who: string, probabilities: Numbers): Numbers {
  if (probabilities[0]! >= 0) return probabilities;
  throw new RangeError(`${who}: the logits are not finite`);
}

const buffers = new WeakMap<Kernel, Numbers>();

/** One buffer per kernel for all samplers: one per sampler would stay as long as the kernel, and each draw is done at once. */
function bufferOf(kernel: Kernel, size: number): Numbers {
  let buffer = buffers.get(kernel);
  if (buffer?.length !== size) buffers.set(kernel, (buffer = kernel.allocate(size)));
  return buffer;
}

/**
 * Zeros all but the largest probabilities: it keeps the `count` largest, and of these the fewest whose sum reaches the
 * share `topP` of theirs. Of equal ones the lower index comes first. `order` is a work area as long as `probabilities`.
 *
 * The largest indices are popped from a heap one by one, each to the place right after the heap, so that a short top
 * does not cost V log V. Top k: Fan, Lewis and Dauphin, 2018; top p (the nucleus): Holtzman et al., 2020.
 */
function keepTop(probabilities: Numbers, order: Int32Array, count: number, topP: number): void {
  const length = probabilities.length;
  for (let i = 0; i < length; i++) order[i] = i;
  for (let i = (length >> 1) - 1; i >= 0; i--) sink(probabilities, order, i, length);
  let total = 1;
  let heaped = length;
  if (count < length) {
    total = 0;
    while (heaped > length - count) total += probabilities[pop(probabilities, order, heaped--)]!;
  }
  let kept = length; // those kept are from here on, the most likely one last
  const enough = topP === 1 ? Infinity : topP * total;
  let sum = 0;
  while (kept > length - count && sum < enough) {
    if (kept === heaped) pop(probabilities, order, heaped--);
    sum += probabilities[order[--kept]!]!;
  }
  for (let i = 0; i < kept; i++) probabilities[order[i]!] = 0;
}

/** Moves the largest item of a heap to its last place, which leaves the heap, and returns it. */
function pop(probabilities: Numbers, order: Int32Array, length: number): number {
  const largest = order[0]!;
  order[0] = order[length - 1]!;
  order[length - 1] = largest;
  sink(probabilities, order, 0, length - 1);
  return largest;
}

function sink(probabilities: Numbers, order: Int32Array, from: number, length: number): void {
  const item = order[from]!;
  let place = from;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= length) break;
    if (child + 1 < length && before(probabilities, order[child + 1]!, order[child]!)) child++;
    if (!before(probabilities, order[child]!, item)) break;
    order[place] = order[child]!;
    place = child;
  }
  order[place] = item;
}

function before(probabilities: Numbers, a: number, b: number): boolean {
  return probabilities[a]! > probabilities[b]! || (probabilities[a] === probabilities[b] && a < b);
}
