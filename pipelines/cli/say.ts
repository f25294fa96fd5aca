import type { WriteStream } from 'node:tty';
import { wrapped } from './wrapped.js';

/** Writes a text and a line feed to standard error, or to another stream, wrapped at words where that is a terminal. */
export function say(text: string, stream: Pick<WriteStream, 'isTTY' | 'columns' | 'write'> = process.stderr): void {
  stream.write(`${wrapped(text, stream)}\n`);
}
