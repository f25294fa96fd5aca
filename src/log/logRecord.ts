/** What a line of a log can be read as. */
export type LogFormat = 'json' | 'otlp' | 'logfmt' | 'syslog3164' | 'syslog5424' | 'access' | 'plain';

/** How bad it is, by the log itself. */
export type Severity = 'trace' | 'debug' | 'info' | 'notice' | 'warn' | 'error' | 'critical';

/** What the text of a line says; plain JSON. */
export interface LineParts {
  /** The line without ANSI escape sequences. */
  readonly line: string;
  readonly format: LogFormat;
  /**
   * Milliseconds since 1970 of its time stamp; null without one. A stamp without a zone counts as UTC, a clock without a day as
   * one of 1970-01-01 and, behind each midnight, of the day after.
   */
  readonly time: number | null;
  readonly severity: Severity | null;
  /** The program, logger or module that wrote it; an empty text where the line does not say. */
  readonly component: string;
  /** What is left of the line: its text for people. */
  readonly message: string;
  /** Further named values, as text, in the order of the line. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** A line of a log, taken apart; plain JSON. */
export interface LogLine extends LineParts {
  /** The container or stream that it came from, where what is in front of it says so; else an empty text. */
  readonly source: string;
  /**
   * What was written there: the line without what the container's runtime has put around it, and where it continues a record
   * without its header.
   */
  readonly text: string;
  /** Number of the line that its record begins with, from 1: its own, unless it continues one. */
  readonly record: number;
  /** Whether it continues a record of its source: a line of a trace. */
  readonly continues: boolean;
}

/** A record: a line, and the lines of a trace that belong to it; plain JSON. */
export interface LogRecord extends LogLine {
  /** Number of its first line in the stream, from 1. */
  readonly number: number;
  /** The lines that continue it. */
  readonly rest: readonly string[];
}
