// Loaded before a script: a disk that is full. `FULL_DISK` is `PART WRITES`: after so many writes to files whose path has
// that part, each further one fails.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [part, writes] = process.env.FULL_DISK.split(' ');
const { openSync, writeSync } = fs;
const watched = new Set();
let left = Number(writes);

fs.openSync = (path, ...rest) => {
  const file = openSync(path, ...rest);
  if (String(path).includes(part)) watched.add(file);
  else watched.delete(file);
  return file;
};
fs.writeSync = (file, ...rest) => {
  if (watched.has(file) && left-- <= 0) {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
  }
  return writeSync(file, ...rest);
};
syncBuiltinESMExports();
