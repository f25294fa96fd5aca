import type { Dtype } from '../../types.js';
import type { Name } from './interface.js';
import { float32, float64 } from './modules.js';
import { reasonOf } from '../../check/reasonOf.js';
import { Unavailable } from './unavailable.js';
import { webAssembly, type WebAssemblyMemory, type WebAssemblyModule } from './webAssembly.js';

/** The functions of the module as they are: addresses in bytes and counts in, nothing or a number out. */
export type Exports = Readonly<Record<Name, (...args: number[]) => number>>;

const compiled = new Map<Dtype, WebAssemblyModule>();

/** The module of a dtype, compiled when it is first asked for, on a memory. */
export function instantiate(
  dtype: Dtype,
  memory: WebAssemblyMemory,
): { readonly module: WebAssemblyModule; readonly exports: Exports } {
  let module = compiled.get(dtype);
  if (!module) {
    module = compile(bytesOf(dtype === 'float64' ? float64 : float32));
    compiled.set(dtype, module);
  }
  const { exports } = new webAssembly!.Instance(module, { env: { memory } });
  return { module, exports: exports as Exports };
}

function compile(bytes: Uint8Array): WebAssemblyModule {
  if (!webAssembly) throw new Unavailable('this platform has no WebAssembly');
  try {
    return new webAssembly.Module(bytes);
  } catch (cause) {
    throw new Unavailable(`WebAssembly may not be compiled here: ${reasonOf(cause)}`, cause);
  }
}

/** A loop, for `Uint8Array.from` takes longer for the bytes than the engine for the module. */
function bytesOf(base64: string): Uint8Array {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
