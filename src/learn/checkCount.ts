/** Throws a RangeError that names the function and its option unless `value` is an integer of at least `low`. */
export function checkCount(name: string, option: string, value: number, low: number): void {
  if (Number.isInteger(value) && value >= low) return;
  throw new RangeError(`${name}: ${option} must be an integer from ${low} up, got ${value}`);
}
