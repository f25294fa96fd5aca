/**
 * A buffer that grows: where more is asked for than it holds, it is replaced by one half as large again as that. Its
 * contents are lost and its memory is given back.
 */
export function growableBuffer<T extends { readonly length: number }>(
  allocate: (length: number) => T,
  free: (buffer: T) => void,
): (length: number) => T {
  let held: T | undefined;
  return (length) => {
    if (held && held.length >= length) return held;
    if (held) free(held);
    held = undefined; // should there be no memory for another
    return (held = allocate(Math.ceil(length * 1.5)));
  };
}
