import { show } from '../check/show.js';
import { DTYPES } from './dtypes.js';
import type { Entry } from './parseHeader.js';
import { SafetensorsError, type SafetensorsReason } from './SafetensorsError.js';

/**
 * Refuses tensors that do not fill the bytes after the header: each must be as long as its shape and dtype require, and
 * begin where the one before it ends, from the first byte to the last, without overlap or hole.
 */
export function checkLayout(entries: ReadonlyMap<string, Entry>, length: number): void {
  let place = 0;
  for (const [name, { dtype, shape, begin, end }] of [...entries].toSorted(byPlace)) {
    const size = sizeOf(name, dtype, shape);
    if (end - begin !== size) {
      refuse(
        'size',
        name,
        `${dtype} of shape [${shape.join(', ')}] takes ${size} bytes, its offsets are ${begin}, ${end}`,
      );
    }
    if (begin < place) refuse('overlap', name, `begins at ${begin}, before the end of the tensor before it, ${place}`);
    if (begin > place) refuse('hole', name, `begins at ${begin}, the tensor before it ends at ${place}`);
    if (end > length) refuse('end', name, `ends at ${end}, but only ${length} bytes follow the header`);
    place = end;
  }
  if (place !== length) {
    throw new SafetensorsError('end', `the tensors end at ${place}, but ${length} bytes follow the header`);
  }
}

/** The bytes that a tensor takes. */
function sizeOf(name: string, dtype: string, shape: readonly number[]): number {
  // Products above 2^53 − 1 are never rounded to below it, so each step can be checked after it is taken.
  let bits = DTYPES.get(dtype)!;
  for (const side of shape) {
    bits *= side;
    if (bits > Number.MAX_SAFE_INTEGER) refuse('overflow', name, `shape [${shape.join(', ')}] is too large`);
  }
  if (bits % 8 !== 0) refuse('size', name, `${dtype} of shape [${shape.join(', ')}] does not fill its last byte`);
  return bits / 8;
}

function byPlace([, a]: readonly [string, Entry], [, b]: readonly [string, Entry]): number {
  return a.begin - b.begin || a.end - b.end;
}

function refuse(reason: SafetensorsReason, name: string, message: string): never {
  throw new SafetensorsError(reason, `tensor ${show(name)}: ${message}`);
}
