/** The error for bytes that are not a file of ONNX, or one of operators that cannot be read. */
export class OnnxError extends Error {
  override readonly name = 'OnnxError';
  /** The byte at which the file is malformed; undefined where its form is right and its content is not. */
  readonly position: number | undefined;

  constructor(message: string, position?: number, options?: ErrorOptions) {
    super(`fromOnnx: ${message}${position === undefined ? '' : `, at byte ${position}`}`, options);
    this.position = position;
  }
}
