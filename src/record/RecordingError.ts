/** Says that a text is no recording, what was expected, and where: line and column count from 1, in UTF-16 units. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
  /** The message without its place. */
  readonly what: string;
  readonly line: number;
  readonly column: number;

  constructor(what: string, line: number, column: number, source = 'parse') {
    super(`${source}: ${what}, at line ${line}, column ${column}`);
    this.what = what;
    this.line = line;
    this.column = column;
  }
}
