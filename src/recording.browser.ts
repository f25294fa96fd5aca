// The entry point `rxrnn/recording` in browsers: all but files.
export { cutLog } from './record/cutLog.js';
export { difference, type Difference, type DifferenceOptions } from './record/difference.js';
export { firstDifference, type LogDifference } from './record/firstDifference.js';
export { openLog, type Block, type Bytes, type OpenLogOptions, type RunLog } from './record/openLog.js';
export { parse, type ParseOptions } from './record/parse.js';
export { print } from './record/print.js';
export { recorder, type Recorder, type RecorderOptions } from './record/recorder.js';
export type { Entry, ErrorText, Marble, Recording, Track } from './record/recording.js';
export { RecordingError } from './record/RecordingError.js';
export { replay, type ReplayOptions } from './record/replay.js';
export { replayLog, type ReplayLogOptions } from './record/replayLog.js';
export { snapshots, type SnapshotsOptions } from './record/snapshots.js';
export { excerpt, type ExcerptOptions } from './record/excerpt.js';
export { svg } from './record/svg.js';
export { runLog, type RunLogOptions } from './record/runLog.js';
export { timeTravel, type TimeTravelOptions } from './record/timeTravel.js';
export { trackOf } from './record/trackOf.js';
export { valueText } from './record/valueText.js';
