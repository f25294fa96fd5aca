/** Why a line is marked, for people and programs. */
export interface AlarmOf {
  /**
   * `line`: the line is strange by itself. `burst`: the last ten lines are together, those that are like it counted. `rush`:
   * lines of its template's text come much more often than before.
   * `change`: lines have become more surprising, and stay so.
   */
  readonly kind: 'line' | 'burst' | 'rush' | 'change';
  /** Number of the first line that it is about. */
  readonly since: number;
  /** What equal alarms have in common. */
  readonly key: string;
  /**
   * What is above `threshold`, of lines and bursts: the line's score, and for an error what is added for how rare errors
   * were, or the mean score of the last ten lines; of a rush log2 of how many times as often as before lines came.
   */
  readonly score?: number;
  readonly threshold?: number;
  /** Mean bits per character before the change and since. */
  readonly before?: number;
  readonly after?: number;
  /** How many equal alarms there were within the time in which they are one, this one included. */
  readonly count: number;
  /** Number of the line with the alarm that this one came soon after; absent where there is none. */
  readonly follows?: number;
}

/** A line with its surprisal, as it is shown and passed on. */
export interface Scored {
  readonly line: string;
  /** What was written, where a container's runtime or the header of a line of a trace is around it. */
  readonly text?: string;
  /** The container or stream that it came from, where the line says so. */
  readonly origin?: string;
  /** The stream that it belongs to; absent without --key. */
  readonly key?: string;
  /** Position in the stream, from 1. */
  readonly number: number;
  readonly bits: number;
  readonly bitsPerCharacter: number;
  /** What lines are ranked by: higher is stranger. */
  readonly score: number;
  /** Number of its template; absent where lines are scored by a model of characters. */
  readonly template?: number;
  readonly templateText?: string;
  /** Milliseconds since 1970, by the line itself. */
  readonly time?: number | null;
  readonly severity?: string | null;
  /** Number of the line that begins its record: its own, unless it continues a trace. */
  readonly record?: number;
  /** The line that the record of an alarm begins with, where it is another. */
  readonly head?: string;
  /** What the trace of an alarm says, as far as this line tells: what was thrown, and where in the program's own code. */
  readonly trace?: readonly string[];
  /** Number of the line with the alarm that the trace belongs to, where that is another. */
  readonly traceOf?: number;
  readonly learning?: boolean;
  readonly strange: readonly {
    readonly text: string;
    readonly from: number;
    readonly to: number;
    readonly bits: number;
  }[];
  /** Absent, or undefined, where the line is usual. */
  readonly why?:
    | {
        readonly expected: string | null;
        readonly seen: string;
        readonly newWords: readonly string[];
        readonly reasons: readonly string[];
      }
    | undefined;
  readonly alarm?: AlarmOf;
}
