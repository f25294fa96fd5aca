// The entry point `rxrnn/recording`: runs that are kept, read and replayed. Files are Node's.
export * from './recording.browser.js';

export { fileBytes, type FileBytes } from './checkpoint/fileBytes.js';
export { readRecording } from './checkpoint/readRecording.js';
export { writeRecording } from './checkpoint/writeRecording.js';
export { unfinishedLogs } from './checkpoint/unfinishedLogs.js';
export { writeLog } from './checkpoint/writeLog.js';
