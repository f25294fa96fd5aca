import { statSync } from 'node:fs';
import { filter, lastValueFrom, map, toArray } from 'rxjs';
import { lines } from '../../src/index.js';
import { checkReadable } from '../cli/checkReadable.js';
import { checkText } from '../cli/checkText.js';
import { checkTextLines } from '../cli/checkTextLines.js';

/** A session of a file: its events, and the number of its line. */
export interface NumberedSession {
  readonly line: number;
  readonly session: string[];
}

/** Reads the sessions of a file, a line each, events separated by spaces; lines without an event are passed over. */
export async function readSessions(path: string): Promise<NumberedSession[]> {
  checkReadable(path, { pipes: true });
  if (statSync(path).isFile()) checkText(path);
  const session$ = lines(path).pipe(
    checkTextLines(path),
    map((line, i) => ({ line: i + 1, session: line.split(/\s+/).filter((event) => event !== '') })),
    filter(({ session }) => session.length > 0),
    toArray(),
  );
  const sessions = await lastValueFrom(session$);
  if (sessions.length === 0) throw new Error(`${path}: holds no sessions`);
  return sessions;
}
