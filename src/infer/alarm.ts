/** A change of the mean of a stream of numbers, reported when it is found; plain JSON. */
export interface Alarm {
  /** The index of the number that raised the alarm, from 0. */
  readonly index: number;
  /** The index of the first number after the change, as far as the detector can tell. */
  readonly since: number;
  /** The mean before `since`, from the detector's last start. */
  readonly before: number;
  /** The mean from `since` to `index`. */
  readonly after: number;
}
