// The entry point `rxrnn/recording` in browsers: all but files.
export { cutTape } from './record/cutTape.js';
export { difference, type Difference, type DifferenceOptions } from './record/difference.js';
export { firstDifference, type TapeDifference } from './record/firstDifference.js';
export { openTape, type Block, type Bytes, type Tape } from './record/openTape.js';
export { parse, type ParseOptions } from './record/parse.js';
export { print } from './record/print.js';
export { recorder, type Recorder, type RecorderOptions } from './record/recorder.js';
export type { Entry, ErrorText, Marble, Recording, Track } from './record/recording.js';
export { RecordingError } from './record/RecordingError.js';
export { replay, type ReplayOptions } from './record/replay.js';
export { replayTape, type ReplayTapeOptions } from './record/replayTape.js';
export { snapshots, type SnapshotsOptions } from './record/snapshots.js';
export { stretch, type StretchOptions } from './record/stretch.js';
export { svg } from './record/svg.js';
export { tape, type TapeOptions } from './record/tape.js';
export { timeTravel, type TimeTravelOptions } from './record/timeTravel.js';
export { trackOf } from './record/trackOf.js';
export { valueText } from './record/valueText.js';
