/**
 * Address space that nobody touches, so that it takes no memory; undefined where there is none left.
 *
 * It serves as ballast: the garbage collector counts it, unlike shared memory and threads, and so collects dropped
 * kernels before they pile up. (90 models of 25 MB, made and dropped, held 2.2 GiB without it; 300 of
 * them held 0.3 GiB with it.) It is resizable, since such a
 * buffer never reuses memory that was written before.
 *
 * As a probe, with `used` of 0, the garbage collector and `process.memoryUsage().external` do not count it.
 */
export function reserveBytes(bytes: number, used: number = bytes): ArrayBuffer | undefined {
  const size = 'resizable' in ArrayBuffer.prototype ? used : bytes; // an ordinary buffer reserves what it has
  try {
    return new (ArrayBuffer as ResizableArrayBuffer)(size, { maxByteLength: bytes });
  } catch {
    return undefined;
  }
}

/** The type libraries of es2023 leave it out; where the engine does too, the buffer is an ordinary one. */
type ResizableArrayBuffer = new (bytes: number, options: { maxByteLength: number }) => ArrayBuffer;
