const DATE = /^date(?:-(?:utc|gmt|local))?$/i;
const TIME = /^(?:x-)?(?:time|date-?time|timestamp|ts)(?:-(?:utc|gmt|local))?$/i;

/** What a column of this name says of the time of a line: its date, its time, perhaps with the date, or nothing. */
export function kindOfColumn(name: string): 'date' | 'time' | undefined {
  if (DATE.test(name)) return 'date';
  return TIME.test(name) ? 'time' : undefined;
}
