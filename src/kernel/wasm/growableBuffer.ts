/** A buffer that is made anew, half as large again, where more is asked of it than it has; what stood in it is lost. */
export function growableBuffer<T extends { readonly length: number }>(
  allocate: (length: number) => T,
): (length: number) => T {
  let held = allocate(0);
  return (length) => {
    if (held.length < length) held = allocate(Math.ceil(length * 1.5));
    return held;
  };
}
