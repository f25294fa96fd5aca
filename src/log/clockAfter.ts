const DAY = 86_400_000; // milliseconds
const LATE = 600_000; // milliseconds that a line may come after those behind it
const MOST_DAYS = 3650;

/**
 * The time of a clock without a day, in milliseconds since the midnight before the first one: a fall of more than twelve hours
 * behind the latest time is a midnight, any other step back a line that comes late, also over a midnight. After ten years the
 * days do not go on.
 */
export function clockAfter(clock: number, latest: number): number {
  const midnight = Math.floor(latest / DAY) * DAY;
  const time = midnight + clock;
  if (time < latest - DAY / 2) return midnight < MOST_DAYS * DAY ? time + DAY : time;
  return time > latest + DAY - LATE && midnight > 0 ? time - DAY : time;
}
