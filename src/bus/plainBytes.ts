/** The same bytes as a plain array: `slice` of a Buffer of Node does not copy, and `Uint8Array` promises that it does. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
