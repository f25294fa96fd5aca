import type { Kernel } from './kernel.js';

/** Refuses a call: stands in for the functions of a kernel that was disposed. */
export function refuseDisposed(): never {
  throw new Error('model: it was disposed and computes no more');
}

/**
 * Gives a kernel its `dispose`: it runs `release` once; then every other function but `close` refuses its calls, and the
 * kernel holds nothing of what it worked with.
 */
export function disposable<K extends Omit<Kernel, 'dispose'>>(kernel: K, release: () => void): K & Kernel {
  function dispose(): void {
    release();
    const refusing = Object.entries(kernel).flatMap(([name, value]) =>
      typeof value === 'function' ? [[name, refuseDisposed] as const] : [],
    );
    Object.assign(kernel, Object.fromEntries(refusing), { close: doNothing, dispose: doNothing });
  }
  return Object.assign(kernel, { dispose }) as K & Kernel;
}

function doNothing(): void {
  // everything has been released already
}
