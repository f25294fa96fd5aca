/** The largest of any count of numbers, at least `least`: as the arguments of one call they overflow its stack. */
export function largestOf(numbers: readonly number[], least: number = 0): number {
  return numbers.reduce((most, number) => Math.max(most, number), least);
}
