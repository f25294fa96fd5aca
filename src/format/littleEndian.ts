/** Turns numbers of `size` bytes from the machine's order to little-endian, which files have, or back, in place. */
export function littleEndian<T extends Uint8Array>(bytes: T, size: number): T {
  const bigEndian = new Uint16Array(Uint8Array.of(0, 1).buffer)[0] === 1;
  if (bigEndian) for (let i = 0; i < bytes.length; i += size) bytes.subarray(i, i + size).reverse();
  return bytes;
}
