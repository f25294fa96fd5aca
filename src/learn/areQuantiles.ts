/** Whether a value is a list of quantiles: at least one number, each between 0 and 1 and above the one before. */
export function areQuantiles(value: unknown): value is readonly number[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every((q, i) => typeof q === 'number' && q > (i === 0 ? 0 : value[i - 1]) && q < 1);
}
