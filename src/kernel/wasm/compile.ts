import { reasonOf } from '../../check/reasonOf.js';
import type { Dtype } from '../../types.js';
import { moduleBytes } from './moduleBytes.js';
import { Unavailable } from './unavailable.js';
import { webAssembly, type WebAssemblyModule } from './webAssembly.js';

/** A section without content, named "again". */
const AGAIN = [0, 6, 5, ...Array.from('again', (letter) => letter.charCodeAt(0))];

/**
 * Compiles the module of a dtype. `again` has the engine compile it once more, and not hand out the code that it has of
 * the same bytes: a section of no meaning makes them others.
 */
export function compile(dtype: Dtype, again = false): WebAssemblyModule {
  if (!webAssembly) throw new Unavailable('this platform has no WebAssembly');
  const own = moduleBytes(dtype);
  const bytes = again ? Uint8Array.of(...own, ...AGAIN) : own;
  try {
    return new webAssembly.Module(bytes);
  } catch (cause) {
    throw new Unavailable(`WebAssembly may not be compiled here: ${reasonOf(cause)}`, cause);
  }
}
