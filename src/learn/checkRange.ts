/** Throws a RangeError that names the rule and its option unless `low <= value < high`. */
export function checkRange(rule: string, option: string, value: number, low: number, high: number): void {
  if (!(value >= low && value < high)) {
    const range = high === Infinity ? `a number from ${low} up` : `in [${low}, ${high})`;
    throw new RangeError(`${rule}: ${option} must be ${range}, got ${value}`);
  }
}
