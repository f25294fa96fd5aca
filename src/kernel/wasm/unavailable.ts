/** Says why this platform cannot run the kernel of WebAssembly at all. */
export class Unavailable extends Error {
  constructor(reason: string, cause?: unknown) {
    super(`backend wasm: ${reason}`, { cause });
  }
}
