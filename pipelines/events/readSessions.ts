import { statSync } from 'node:fs';
import { filter, lastValueFrom, map, tap, toArray } from 'rxjs';
import { lines } from '../../src/index.js';
import { amount } from '../cli/amount.js';
import { checkLength } from '../cli/checkLength.js';
import { checkReadable } from '../cli/checkReadable.js';
import { checkText } from '../cli/checkText.js';
import { checkTextLines } from '../cli/checkTextLines.js';
import { commandLine } from '../cli/commandLine.js';

/** A session of a file: its events, and the number of its line. */
export interface NumberedSession {
  readonly line: number;
  readonly session: string[];
}

const MOSTLY = 0.9; // of the lines

/**
 * Reads the sessions of a file, a line each, events separated by spaces; lines without an event are passed over; an Error of one
 * with more than `most`.
 */
export async function readSessions(
  path: string,
  { most = Infinity }: { readonly most?: number | undefined } = {},
): Promise<NumberedSession[]> {
  checkReadable(path, { pipes: true });
  if (statSync(path).isFile()) checkText(path);
  const session$ = lines(path).pipe(
    checkTextLines(path),
    map((line, i) => ({ line: i + 1, session: line.split(/\s+/).filter((event) => event !== '') })),
    filter(({ session }) => session.length > 0),
    tap(({ line, session: { length } }) => checkLength(`${path}, line ${line}`, amount(length, 'event'), length, most)),
    toArray(),
  );
  const sessions = await lastValueFrom(session$);
  if (sessions.length === 0) throw new Error(`${path}: holds no sessions`);
  const joined = sessions.filter(({ session }) => session.length === 1 && /[,;]/.test(session[0]!)).length;
  if (joined > MOSTLY * sessions.length) {
    const separated = `${commandLine(['tr', ',;', ' '])} < ${commandLine([path])} > FILE`;
    throw new Error(
      `${path}: events are separated by spaces, and ${joined} of ${amount(sessions.length, 'line')} have commas or semicolons instead: ${separated}`,
    );
  }
  return sessions;
}
