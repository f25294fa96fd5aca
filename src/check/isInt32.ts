/** Whether a value is an integer that an `Int32Array` holds, as tokens are; false for a bigint or a symbol, too. */
export function isInt32(value: unknown): value is number {
  return typeof value === 'number' && (value | 0) === value;
}
