/** The part of Node's `Writable` that is used, so that the package's types do not need Node's. */
export interface Writable {
  readonly destroyed: boolean;
  readonly errored: Error | null;
  write(text: string): boolean;
  on(event: 'close' | 'drain', listener: () => void): this;
  on(event: 'error', listener: (error: Error & { readonly code?: string }) => void): this;
}

/** The part of Node's `Readable` that is used. */
export interface Readable {
  readonly readableEnded: boolean;
  /** True while something reads it by events. */
  readonly readableFlowing?: boolean | null;
  readonly closed: boolean;
  readonly errored: Error | null;
  read(): unknown;
  destroy(): unknown;
  listenerCount(event: 'readable'): number;
  on(event: 'close' | 'end' | 'error' | 'readable', listener: () => void): this;
}
