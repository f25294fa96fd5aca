// The entry point `rxrnn/recording`: runs that are kept, read and replayed. Files are Node's.
export * from './recording.browser.js';

export { fileBytes, type FileBytes } from './checkpoint/fileBytes.js';
export { readRecording } from './checkpoint/readRecording.js';
export { writeRecording } from './checkpoint/writeRecording.js';
export { writeLog } from './checkpoint/writeLog.js';
