/** What a line of a log can be read as. */
export type LogFormat = 'json' | 'otlp' | 'logfmt' | 'syslog3164' | 'syslog5424' | 'access' | 'plain';

/** How bad it is, by the log itself. */
export type Severity = 'trace' | 'debug' | 'info' | 'notice' | 'warn' | 'error' | 'critical';

/** A line of a log, taken apart; plain JSON. */
export interface LogLine {
  /** The line without ANSI escape sequences. */
  readonly line: string;
  readonly format: LogFormat;
  /** Milliseconds since 1970 of its time stamp; null without one. A stamp without a zone counts as UTC. */
  readonly time: number | null;
  readonly severity: Severity | null;
  /** The program, logger or module that wrote it; an empty text where the line does not say. */
  readonly component: string;
  /** What is left of the line: its text for people. */
  readonly message: string;
  /** Further named values, as text, in the order of the line. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Whether it continues the record before it: a line of a trace. */
  readonly continues: boolean;
}

/** A record: a line, and the lines of a trace that belong to it; plain JSON. */
export interface LogRecord extends LogLine {
  /** Number of its first line in the stream, from 1. */
  readonly number: number;
  /** The lines that continue it. */
  readonly rest: readonly string[];
}
