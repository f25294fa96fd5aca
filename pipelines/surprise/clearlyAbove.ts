const CLEARLY = 1.25; // less is in the spread of scores of one trouble; `alarmRule` joins lines by as much

/** Whether a score is so much higher than another one that it tells of another trouble. */
export function clearlyAbove(score: number, other: number): boolean {
  return score > CLEARLY * other;
}
