/** Throws a RangeError that names the detector and the place of a value that is not finite. */
export function checkValue(name: string, value: number, index: number): void {
  if (!Number.isFinite(value)) throw new RangeError(`${name}: values must be finite, got ${value} at ${index}`);
}
