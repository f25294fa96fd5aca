// The entry point `rxrnn`: the public names and nothing else. Files and streams are Node's.
export * from './index.browser.js';

export { checkpoint, type CheckpointOptions, type Resumed } from './checkpoint/checkpoint.js';
export { latestCheckpoint, type LatestCheckpointOptions } from './checkpoint/latestCheckpoint.js';
export { type Checkpoint, loadCheckpoint, type LoadCheckpointOptions } from './checkpoint/loadCheckpoint.js';
export { loadModel } from './checkpoint/loadModel.js';
export { readTensors } from './checkpoint/readTensors.js';
export { type Replacement, replaceFile, type ReplaceFileOptions } from './checkpoint/replaceFile.js';
export { saveCheckpoint, type SaveCheckpointOptions } from './checkpoint/saveCheckpoint.js';
export { saveModel } from './checkpoint/saveModel.js';
export type { Snapshot, ValidationMark } from './checkpoint/snapshot.js';
export { type SavedState, stateFile, type StateFile, type StateFileOptions } from './checkpoint/stateFile.js';
export { sweepTemporaries } from './checkpoint/sweepTemporaries.js';

export { wideVectors, type WideVectors } from './kernel/wasm/wideVectors.js';

export { bundledFile } from './source/bundledFile.js';
export { bytes, type BytesOptions } from './source/bytes.js';
export { closed } from './source/closed.js';
export { csv, type CsvOptions, type InvalidRow, type Row } from './source/csv.js';
export { rowOrigin } from './source/rowOrigin.js';
export type { LinesOptions } from './source/lineParser.js';
export { follow } from './source/follow.js';
export type { FollowedLine, FollowEvent, FollowOptions } from './source/follow.js';
export { lines } from './source/lines.js';
export type { FilePlace } from './source/openFollowed.js';
export { progress, type ProgressOptions } from './source/progress.js';
export { readable } from './source/readable.js';
export { stdin, type StdinOptions } from './source/stdin.js';
export { stdinLines } from './source/stdinLines.js';
export type { Readable, Writable } from './source/stream.js';
export { text, type TextOptions } from './source/text.js';
export { textLanes, type TextLanesOptions } from './source/textLanes.js';
export { write } from './source/write.js';
