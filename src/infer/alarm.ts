/** A change of the mean of a stream of numbers, when it was found; plain JSON. */
export interface Alarm {
  /** Which number raised it, from 0. */
  readonly index: number;
  /** The first number after the change, as far as the detector can tell. */
  readonly since: number;
  /** The mean before `since`, from the detector's last start on. */
  readonly before: number;
  /** The mean from `since` to `index`. */
  readonly after: number;
}
