/**
 * Thrown where a text is not a recording; says what was expected and where. Lines and columns (UTF-16 units) count from
 * 1.
 */
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
