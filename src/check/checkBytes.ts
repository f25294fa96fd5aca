import { refuse } from './refuse.js';

/**
 * Accepts a Uint8Array, or a Buffer, also one of another realm: bytes read outside an iframe, a `vm` context or Jest's
 * environment are not instances of the Uint8Array inside.
 */
export function checkBytes(who: string, option: string, value: unknown): asserts value is Uint8Array {
  if (ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]') return;
  refuse(who, option, 'a Uint8Array', value, 'none');
}
