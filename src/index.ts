// The entry point `rxrnn`: the public names and nothing else. Files and streams are Node's.
export * from './index.browser.js';

export { checkpoint, type CheckpointOptions, type Resumed } from './checkpoint/checkpoint.js';
export { latestCheckpoint, type LatestCheckpointOptions } from './checkpoint/latestCheckpoint.js';
export { type Checkpoint, loadCheckpoint, type LoadCheckpointOptions } from './checkpoint/loadCheckpoint.js';
export { loadModel } from './checkpoint/loadModel.js';
export { readTensors } from './checkpoint/readTensors.js';
export { saveCheckpoint, type SaveCheckpointOptions } from './checkpoint/saveCheckpoint.js';
export { saveModel, type SaveModelOptions } from './checkpoint/saveModel.js';
export type { Snapshot, ValidationMark } from './checkpoint/snapshot.js';
export { sweepTemporaries } from './checkpoint/sweepTemporaries.js';

export { bytes, type BytesOptions } from './source/bytes.js';
export { closed } from './source/closed.js';
export { csv, type CsvOptions, type InvalidRow, type Row } from './source/csv.js';
export type { LinesOptions } from './source/lineParser.js';
export { lines } from './source/lines.js';
export { progress, type ProgressOptions } from './source/progress.js';
export { readable } from './source/readable.js';
export { stdin, type StdinOptions } from './source/stdin.js';
export { stdinLines } from './source/stdinLines.js';
export type { Readable, Writable } from './source/stream.js';
export { text, type TextOptions } from './source/text.js';
export { textLanes, type TextLanesOptions } from './source/textLanes.js';
export { write } from './source/write.js';
