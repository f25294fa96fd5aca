/** A line that was scored, as the rule of alarms sees it; plain JSON. */
export interface RankedLine {
  /** Its template, or the record that it continues. */
  readonly kind: number;
  readonly template: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** What it has in common with lines of the same template text, whatever their component. */
  readonly wording: number;
  /** Number of the line that its record begins with. */
  readonly record: number;
  /** What it has in common with lines that differ in few words. */
  readonly shape: number;
  /** Whether the log itself calls it an error, or worse. */
  readonly grave: boolean;
  /** Whether it continues a record. */
  readonly trace: boolean;
  /** Whether it is the first one of its template. */
  readonly isNew: boolean;
  /** Whether it has a number that is far from those before it. */
  readonly far: boolean;
  /** Log2 of how many times as often as usual lines of its text came last. */
  readonly rush: number;
  readonly score: number;
  readonly unlike: number;
  readonly rarity: number;
}
