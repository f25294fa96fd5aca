/** Whether a time since 1970 is in milliseconds: as seconds it were after the year 5100. */
export function isMilliseconds(time: number): boolean {
  return time >= 1e11;
}
