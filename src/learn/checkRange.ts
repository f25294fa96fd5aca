/** Throws a RangeError that names the rule and its option unless it is a number and `low <= value < high`. */
export function checkRange(rule: string, option: string, value: number, low: number, high: number): void {
  if (!(Number.isFinite(value) && value >= low && value < high)) {
    const range = high === Infinity ? `a number from ${low} up` : `in [${low}, ${high})`;
    throw new RangeError(`${rule}: ${option} must be ${range}, got ${value}`);
  }
}
