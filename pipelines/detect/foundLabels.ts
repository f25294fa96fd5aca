/** What a detector has found of the anomalies that rows are labelled with. */
export interface Found {
  /** Runs of labelled rows, and how many of them have an alarm. */
  readonly anomalies: number;
  readonly found: number;
  /** Alarms in other rows. */
  readonly outside: number;
}

/** Counts the anomalies that are found, row by row. */
export function foundLabels(): { add(isAnomaly: boolean, isAlarm: boolean): void; count(): Found } {
  let [anomalies, found, outside] = [0, 0, 0];
  let before = false;
  let isFound = false; // the run of rows at hand
  return {
    add(isAnomaly, isAlarm) {
      if (isAnomaly && !before) {
        anomalies += 1;
        isFound = false;
      }
      before = isAnomaly;
      if (!isAlarm) return;
      if (!isAnomaly) outside += 1;
      else if (!isFound) {
        found += 1;
        isFound = true;
      }
    },
    count: () => ({ anomalies, found, outside }),
  };
}
