import type { Kernel } from './kernel.js';

/** A function that refuses every call, for those of a kernel that was disposed. */
export function refuseDisposed(): never {
  throw new Error('model: it was disposed and computes no more');
}

/** Gives a kernel its `dispose`: runs `release` once, then has every other function but `close` refuse its calls. */
export function disposable<K extends Omit<Kernel, 'dispose'>>(kernel: K, release: () => void): K & Kernel {
  let disposed = false;
  const refusing = Object.entries(kernel)
    .filter(([name, value]) => typeof value === 'function' && name !== 'close')
    .map(([name]) => [name, refuseDisposed] as const);
  function dispose(): void {
    if (disposed) return;
    disposed = true;
    release();
    Object.assign(kernel, Object.fromEntries(refusing), { dispose });
  }
  return Object.assign(kernel, { dispose }) as K & Kernel;
}
