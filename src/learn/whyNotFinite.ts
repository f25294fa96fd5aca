import { listNames } from '../check/listNames.js';
import type { Dtype, Numbers } from '../types.js';
import { lastNorms, type Unrolled } from './stages.js';

/**
 * Explains, for a message, why a loss or gradient is not finite: the layer whose output is not, or `otherwise`; the last
 * gradient norms; and what is to blame. That is the first feature, target or weight that is not finite. Only where there
 * is none can a smaller rate help, and the advice is given.
 */
export function whyNotFinite(unrolled: Unrolled, otherwise: string): string {
  const { tape, norms } = unrolled;
  const blamed = badNumber(unrolled);
  const layer = tape.firstNotFinite();
  if (blamed !== undefined && layer === undefined) return blamed;
  const where = layer === undefined ? otherwise : `the output of layer ${layer} is not finite`;
  const advice = blamed ?? 'try a smaller learning rate or a tighter clipGradNorm';
  return `${where}; last gradient norms ${lastNorms(norms)}; ${advice}`;
}

/** The first feature, target or weight that is not finite, in words. */
function badNumber({ window, model, pass }: Unrolled): string | undefined {
  const { source, lanes, mask } = window;
  const { dtype, weights } = model;
  const bad =
    (source && badInRows('feature', `the source of window ${pass}`, source.inputs, { lanes, ...source }, dtype)) ??
    badInRows('feature', `window ${pass}`, window.inputs, window, dtype) ??
    badInRows('target', `window ${pass}`, window.targets, { steps: window.steps, lanes, mask }, dtype);
  if (bad !== undefined) return bad;
  for (const [name, { data }] of weights.tensors) {
    const at = data.findIndex((weight) => !Number.isFinite(weight));
    if (at >= 0) return `number ${at} of ${listNames([name])} is ${data[at]}`;
  }
  return undefined;
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
  dtype: Dtype,
): string | undefined {
  if (numbers instanceof Int32Array) return undefined;
  const width = numbers.length / (steps * lanes);
  for (const [i, number] of numbers.entries()) {
    const row = Math.floor(i / width);
    if (mask?.[row] === 0 || Number.isFinite(dtype === 'float32' ? Math.fround(number) : number)) continue;
    const place = `step ${Math.floor(row / lanes)}, lane ${row % lanes}, number ${i % width}`;
    return `${what} ${i} of ${where} is ${number}${Number.isFinite(number) ? ', too large for float32' : ''} (${place})`;
  }
  return undefined;
}
