// The entry point `rxrnn/streams` in browsers: all but the streams of Node.
export type { BoundedOptions, Overflow } from './flow/pushQueue.js';
export type { OutletOptions } from './flow/outlet.js';
export { bounded } from './streams/bounded.js';
export type { ServerEvent } from './streams/eventParser.js';
export { fromAsyncIterable, type FromOptions } from './streams/fromAsyncIterable.js';
export { type EventSourceOptions, fromEventSource } from './streams/fromEventSource.js';
export { fromNative } from './streams/fromNative.js';
export { fromWebSocket, type Socket, type SocketMessage } from './streams/fromWebSocket.js';
export { fromWebStream } from './streams/fromWebStream.js';
export type {
  NativeObservable,
  NativeObservableClass,
  NativeObserver,
  NativeSubscriber,
} from './streams/nativeObservable.js';
export { type PushSource, pushSource, type PushSourceOptions } from './streams/pushSource.js';
export { type ThroughOptions, throughWebStream } from './streams/throughWebStream.js';
export { toAsyncIterable } from './streams/toAsyncIterable.js';
export { toNative, type ToNativeOptions } from './streams/toNative.js';
export { toWebStream } from './streams/toWebStream.js';
export type { WebTransform } from './streams/webStreams.js';
