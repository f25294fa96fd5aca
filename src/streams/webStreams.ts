// The names of Web Streams where the types of a project have neither the DOM's nor Node's: both merge with these.
declare global {
  // oxlint-disable-next-line typescript/no-explicit-any, typescript/no-unused-vars -- the parameters must be theirs
  interface ReadableStream<R = any> {}
  // oxlint-disable-next-line typescript/no-explicit-any, typescript/no-unused-vars -- as above
  interface WritableStream<W = any> {}
}

/** A pair of Web Streams: what is written on one comes out of the other, changed, such as a `CompressionStream`. */
export interface WebTransform<I, O> {
  readonly writable: WritableStream<I>;
  readonly readable: ReadableStream<O>;
}
