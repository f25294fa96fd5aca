// The entry point `rxrnn/streams`: streams of other kinds, in and out. Node's are not for browsers.
export * from './streams.browser.js';

export { fromNodeStream, type FromNodeStreamOptions } from './source/fromNodeStream.js';
export type { Readable } from './source/stream.js';
export { throughNodeStream, type ThroughNodeStreamOptions } from './source/throughNodeStream.js';
export { toNodeStream, type ToNodeStreamOptions } from './source/toNodeStream.js';
