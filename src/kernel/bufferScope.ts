import type { Numbers } from '../types.js';
import type { BufferScope, Repeat } from './kernel.js';

/** Lends arrays one by one. */
export interface Lender {
  allocate(length: number): Numbers;
  allocateTokens(length: number): Int32Array;
  free(array: Numbers | Int32Array): void;
  /** A `Repeat` that keeps its program in arrays of `buffers`; see wasm/callCapture.ts. */
  repeat(buffers: Pick<Lender, 'allocateTokens' | 'free'>): Repeat;
}

/** Borrows arrays and gives them back together; `onFree` runs before the first of them is given back. */
export function bufferScope(lender: Lender, onFree?: () => void): BufferScope {
  const arrays = new Set<Numbers | Int32Array>();
  let freed = false;

  function checkNotFreed(): void {
    if (freed) throw new Error('kernel: these buffers were given back and cannot be used any more');
  }
  function keep<T extends Numbers | Int32Array>(array: T): T {
    arrays.add(array);
    return array;
  }
  function allocateTokens(length: number): Int32Array {
    checkNotFreed();
    return keep(lender.allocateTokens(length));
  }
  function freeOne(array: Numbers | Int32Array): void {
    arrays.delete(array);
    lender.free(array);
  }

  return {
    allocate(length) {
      checkNotFreed();
      return keep(lender.allocate(length));
    },
    allocateTokens,
    repeat() {
      checkNotFreed();
      const pass = lender.repeat({ allocateTokens, free: freeOne });
      return (key, run) => {
        checkNotFreed();
        pass(key, run);
      };
    },
    free() {
      if (freed) return;
      freed = true;
      onFree?.();
      for (const array of arrays) lender.free(array);
      arrays.clear();
    },
  };
}
