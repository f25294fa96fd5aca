import { showName } from '../check/showName.js';
import { roundingOf } from '../kernel/math/roundingOf.js';
import type { Numbers } from '../types.js';
import { lastNorms, type Unrolled } from './stages.js';
import { targetsMask } from './targetsMask.js';

const SMALLER_RATE = 'try a smaller learning rate or a tighter clipGradNorm';

/**
 * Explains, for a message, why a loss or gradient is not finite: the layer whose output is not, or `otherwise`; the last
 * gradient norms; and the cause, which is the first feature, target or weight that is not finite, or so large that its
 * square is not. Only where there is none could a smaller rate help, so only then is it advised.
 */
export function whyNotFinite(unrolled: Unrolled, otherwise: string, advice: string = SMALLER_RATE): string {
  const { tape, norms } = unrolled;
  const blamed = badNumber(unrolled);
  const layer = tape.firstNotFinite();
  if (blamed !== undefined && layer === undefined) return blamed;
  const where = layer === undefined ? otherwise : `the output of layer ${layer} is not finite`;
  const last = blamed ?? (layer === undefined ? advice : SMALLER_RATE);
  return `${where}; last gradient norms ${lastNorms(norms)}${last === '' ? '' : `; ${last}`}`;
}

/**
 * The first feature, target or weight that is not finite, in words; where all are, the first feature or target whose
 * square is not.
 */
function badNumber(unrolled: Unrolled): string | undefined {
  const { dtype, weights } = unrolled.model;
  const rounded = roundingOf(dtype);
  const bad = badInWindow(unrolled, (number) =>
    Number.isFinite(number) ? Number.isFinite(rounded(number)) || `too large for ${dtype}` : '',
  );
  if (bad !== undefined) return bad;
  for (const [name, { data }] of weights.tensors) {
    const at = data.findIndex((weight) => !Number.isFinite(weight));
    if (at >= 0) return `number ${at} of ${showName(name)} is ${data[at]}`;
  }
  return badInWindow(
    unrolled,
    (number) => Number.isFinite(rounded(number * number)) || `so that its square is too large for ${dtype}`,
  );
}

/** Whether a number is one to compute with, or else why not, in words. */
type Judge = (number: number) => true | string;

/** The first feature or target that is not a number to compute with. */
function badInWindow({ window, pass }: Unrolled, judge: Judge): string | undefined {
  const { source, lanes } = window;
  const mask = targetsMask(window);
  return (
    (source && badInRows('feature', `the source of window ${pass}`, source.inputs, { lanes, ...source }, judge)) ??
    badInRows('feature', `window ${pass}`, window.inputs, window, judge) ??
    badInRows('target', `window ${pass}`, window.targets, { steps: window.steps, lanes, mask }, judge)
  );
}

/** Where numbers lie: `steps × lanes` rows, without those that the mask hides. */
interface Rows {
  readonly steps: number;
  readonly lanes: number;
  readonly mask?: Uint8Array | undefined;
}

function badInRows(
  what: string,
  where: string,
  numbers: Int32Array | Numbers,
  { steps, lanes, mask }: Rows,
  judge: Judge,
): string | undefined {
  if (numbers instanceof Int32Array) return undefined;
  const width = numbers.length / (steps * lanes);
  for (const [i, number] of numbers.entries()) {
    const row = Math.floor(i / width);
    const judged = mask?.[row] === 0 || judge(number);
    if (judged === true) continue;
    const place = `step ${Math.floor(row / lanes)}, lane ${row % lanes}, number ${i % width}`;
    return `${what} ${i} of ${where} is ${number}${judged === '' ? '' : `, ${judged}`} (${place})`;
  }
  return undefined;
}
