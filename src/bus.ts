// The entry point `rxrnn/bus`: keyed streams in partitions, over an embedded log or an engine behind the same ports.
export { announceModel, type AnnouncedModel, type AnnounceModelOptions } from './bus/announceModel.js';
export type {
  Blobs,
  Bus,
  Change,
  Channel,
  Entry,
  LeaseRecord,
  Leases,
  Log,
  LogReader,
  States,
  Stored,
  Versioned,
} from './bus/bus.js';
export type { BusEvent } from './bus/busEvent.js';
export { fileBus, type FileBusOptions } from './bus/fileBus.js';
export { fromBus, type BusItem, type FromBusOptions } from './bus/fromBus.js';
export { isWorkerName } from './bus/isWorkerName.js';
export { keySubject } from './bus/keySubject.js';
export { learningBytes, type LearningBytes } from './bus/learningBytes.js';
export { memoryBus, type MemoryBusOptions } from './bus/memoryBus.js';
export { partitionOf } from './bus/partitionOf.js';
export type { BusValue, Pipeline, PipelineContext, PipelineStage, Sessions } from './bus/pipeline.js';
export { runPartitions } from './bus/runPartitions.js';
export type { RunPartitionsOptions } from './bus/runPartitionsOptions.js';
export { sessionBytes, type SessionBytes } from './infer/sessionBytes.js';
export { type BusReceipt, toBus, type ToBusOptions } from './bus/toBus.js';
