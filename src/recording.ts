// The entry point `rxrnn/recording`: runs that are kept, read and replayed.
export { readRecording } from './checkpoint/readRecording.js';
export { writeRecording } from './checkpoint/writeRecording.js';
export { difference, type Difference, type DifferenceOptions } from './record/difference.js';
export { parse, type ParseOptions } from './record/parse.js';
export { print } from './record/print.js';
export { recorder, type Recorder, type RecorderOptions } from './record/recorder.js';
export type { Entry, ErrorText, Marble, Recording, Track } from './record/recording.js';
export { RecordingError } from './record/RecordingError.js';
export { replay, type ReplayOptions } from './record/replay.js';
export { stretch, type StretchOptions } from './record/stretch.js';
export { trackOf } from './record/trackOf.js';
export { valueText } from './record/valueText.js';
