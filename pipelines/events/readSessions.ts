import { filter, lastValueFrom, map, toArray } from 'rxjs';
import { lines } from '../../src/index.js';
import { checkText } from '../cli/checkText.js';

/** A session of a file: its events, and the number of its line. */
export interface NumberedSession {
  readonly line: number;
  readonly session: string[];
}

/** Reads the sessions of a file, a line each, events separated by spaces; lines without an event are passed over. */
export async function readSessions(path: string): Promise<NumberedSession[]> {
  checkText(path); // all sessions are held in memory
  const session$ = lines(path).pipe(
    map((line, i) => ({ line: i + 1, session: line.split(/\s+/).filter((event) => event !== '') })),
    filter(({ session }) => session.length > 0),
    toArray(),
  );
  const sessions = await lastValueFrom(session$);
  if (sessions.length === 0) throw new Error(`${path}: holds no sessions`);
  return sessions;
}
