const DAY = 86_400_000; // milliseconds
const MOST_YEARS = 9; // between two leap days, once in a century

/** Moves a time of the year 2000 into the latest year in which it is not more than a day after `now`: zones and clocks differ. */
export function withYear(time: number, now: number): number {
  const date = new Date(time);
  const day = date.getUTCDate();
  const latest = new Date(now + DAY).getUTCFullYear();
  for (let year = latest; year > latest - MOST_YEARS; year--) {
    date.setTime(time);
    date.setUTCFullYear(year);
    if (date.getTime() <= now + DAY && date.getUTCDate() === day) return date.getTime(); // 29 February is not in each
  }
  return time;
}
