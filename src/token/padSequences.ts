import { isInt32 } from '../check/isInt32.js';
import { notAToken } from '../check/notAToken.js';
import { show } from '../check/show.js';
import type { Token, Window } from '../types.js';

/** A list of tokens; or of rows, lists of numbers, as many in each. At least one. */
export type Sequence = ArrayLike<Token> | ArrayLike<ArrayLike<number>>;

/** Sequences side by side, padded after their ends: −1 for tokens, zeros for rows, and no mask where none is padded. */
export function padSequences(
  group: readonly Sequence[],
  width: number,
): Pick<Window, 'steps' | 'lanes' | 'inputs' | 'mask'> {
  const lanes = group.length;
  const steps = group.reduce((longest, { length }) => Math.max(longest, length), 0);
  const inputs = width === 0 ? new Int32Array(steps * lanes).fill(-1) : new Float64Array(steps * lanes * width);
  const mask = group.some(({ length }) => length < steps) ? new Uint8Array(steps * lanes) : undefined;
  for (const [lane, sequence] of group.entries()) {
    for (let t = 0; t < sequence.length; t++) {
      const row = t * lanes + lane;
      const step = sequence[t]!;
      if (typeof step === 'number') inputs[row] = step;
      else inputs.set(step, row * width);
      if (mask) mask[row] = 1;
    }
  }
  return { steps, lanes, inputs, ...(mask && { mask }) };
}

/**
 * Returns how many numbers the rows of a sequence have, 0 where it is tokens; throws unless it is of the form of those
 * before, whose width is `known`. `who`: for errors.
 */
export function checkSequence(who: string, sequence: Sequence, index: number, known: number | undefined): number {
  const length: unknown = (sequence as Sequence | null | undefined)?.length;
  if (!Number.isSafeInteger(length) || (length as number) < 0 || typeof sequence !== 'object') {
    throw new TypeError(
      `${who}: sequence ${index} must be a list of tokens or of rows of numbers, got ${show(sequence)}`,
    );
  }
  if (length === 0) throw new RangeError(`${who}: sequence ${index} is empty; it needs at least one step`);
  const width = known ?? widthOf(who, index, sequence[0]);
  for (let t = 0; t < sequence.length; t++) {
    const step = sequence[t]!;
    if (width === 0) {
      if (!isInt32(step)) throw notAToken(who, `${t} of sequence ${index}`, step);
    } else if (lengthOf(step) !== width) {
      const got = lengthOf(step) ?? show(step);
      throw new TypeError(
        `${who}: row ${t} of sequence ${index} must have ${width} numbers, as those before, got ${got}`,
      );
    } else {
      checkNumbers(who, step as ArrayLike<number>, t, index);
    }
  }
  return width;
}

function checkNumbers(who: string, row: ArrayLike<number>, t: number, index: number): void {
  for (let i = 0; i < row.length; i++) {
    if (Number.isFinite(row[i])) continue;
    throw new RangeError(`${who}: number ${i} of row ${t} of sequence ${index} must be finite, got ${show(row[i])}`);
  }
}

function widthOf(who: string, index: number, step: unknown): number {
  if (typeof step !== 'object') {
    if (isInt32(step)) return 0;
    throw notAToken(who, `0 of sequence ${index}`, step);
  }
  const width = lengthOf(step);
  if (width !== undefined && width > 0) return width;
  throw new TypeError(`${who}: row 0 of sequence ${index} must be a list of numbers, got ${show(step)}`);
}

/** The length of a row; undefined for what is not a row. */
function lengthOf(step: unknown): number | undefined {
  if (typeof step !== 'object' || step === null) return undefined;
  const { length } = step as { readonly length?: unknown };
  return Number.isSafeInteger(length) ? (length as number) : undefined;
}
