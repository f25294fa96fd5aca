/**
 * By how much the floor of readings rises: the least of their second half less the least of their first. One collection
 * that left garbage lying makes a reading high and moves no floor; what is never given back moves it.
 */
export function rise(readings: readonly number[]): number {
  const middle = Math.ceil(readings.length / 2);
  return Math.min(...readings.slice(middle)) - Math.min(...readings.slice(0, middle));
}
