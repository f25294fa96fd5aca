/** Why a safetensors file was refused. */
export type SafetensorsReason =
  /** Fewer bytes than the length of a header takes. */
  | 'short'
  /** A header that claims to be longer than any reader takes. */
  | 'header-length'
  /** A header that claims to end after the file does. */
  | 'header-end'
  /** A header that does not begin with `{`. */
  | 'header-start'
  | 'utf-8'
  /** Not JSON, or JSON of another form than a header has. */
  | 'grammar'
  /** Something other than white space after the header's closing brace. */
  | 'trailing'
  | 'duplicate-key'
  | 'unknown-field'
  | 'missing-field'
  | 'unknown-dtype'
  /** Negative, a fraction, with an exponent, with a leading zero, or above 2^53 − 1. */
  | 'integer'
  /** Half a surrogate pair, which is not Unicode text. */
  | 'surrogate'
  /** More than 8 dimensions. */
  | 'dimensions'
  /** More than 10,000 tensors or texts. */
  | 'too-many'
  /** A shape whose size in bits is above 2^53 − 1. */
  | 'overflow'
  /** Offsets that are not as far apart as shape and dtype require. */
  | 'size'
  | 'overlap'
  | 'hole'
  /** Numbers that end before the file does, or after it. */
  | 'end'
  /** A legal dtype that cannot be read as numbers. */
  | 'unsupported-dtype'
  /** NaN or an infinity, where only finite numbers were asked for. */
  | 'not-finite';

/** The error for bytes that are not a safetensors file: why, and where it helps at which byte. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
  readonly reason: SafetensorsReason;
  /** The byte of the file at which the fault was found. */
  readonly position: number | undefined;

  constructor(reason: SafetensorsReason, message: string, position?: number) {
    super(`readSafetensors: ${message}${position === undefined ? '' : `, at byte ${position}`}`);
    this.reason = reason;
    this.position = position;
  }
}
