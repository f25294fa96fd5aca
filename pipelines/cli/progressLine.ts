import type { WriteStream } from 'node:tty';
import { terminalColumns } from './terminalColumns.js';

/**
 * Joins the parts of a line of progress, the most important one first: on a terminal as many as fit its width, elsewhere
 * all of them. Standard error is where the operator `progress` shows the line.
 */
export function progressLine(
  parts: readonly string[],
  stream: Pick<WriteStream, 'isTTY' | 'columns'> = process.stderr,
): string {
  const most = terminalColumns(stream) - 1; // a full line would wrap
  let line = parts[0] ?? '';
  for (const part of parts.slice(1)) {
    const longer = `${line} · ${part}`;
    if (longer.length > most) break;
    line = longer;
  }
  return line;
}
