/** Throws a RangeError that names the layer and its option unless `size` is a positive integer. */
export function checkSize(layer: string, option: string, size: number): void {
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new RangeError(`${layer}: ${option} must be a positive integer, got ${size}`);
  }
}
