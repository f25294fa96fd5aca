import { checkTitle } from './checkTitle.js';
import { parseValue } from './parseValue.js';
import { readDiagram } from './readDiagram.js';
import type { ErrorText, Marble, Track } from './recording.js';
import { RecordingError } from './RecordingError.js';

/** A line that is being read; `number` counts from 1. */
export interface Line {
  readonly text: string;
  readonly number: number;
}

/** A track from its block: its diagram, its title and what its marbles stand for. */
export function readTrack([drawing, titled, ...legend]: readonly Line[], tick: number): Track {
  const title = titled?.text.startsWith('title = ')
    ? titled.text.slice(8)
    : refuse('expected "title = …"', titled ?? drawing!, 0);
  try {
    checkTitle(title);
  } catch {
    refuse('expected a title of visible text', titled!, 8);
  }
  const values = new Map<string, unknown>();
  for (const line of legend) {
    const marble = String.fromCodePoint(line.text.codePointAt(0) ?? 0x20);
    if (!line.text.startsWith(' := ', marble.length)) refuse('expected "marble := value"', line, 0);
    if (values.has(marble)) refuse(`expected another marble than ${marble}, which was given`, line, 0);
    values.set(
      marble,
      parseValue(line.text, marble.length + 4, (message, at) => refuse(message, line, at)),
    );
  }
  const signs = readDiagram(drawing!.text, (message, at) => refuse(message, drawing!, at));
  const marbles = signs.map(({ frame, sign, at }, i): Marble => {
    if (frame % tick !== 0)
      refuse(`expected a marble at a whole step of ${tick} frames, got frame ${frame}`, drawing!, at);
    const step = frame / tick;
    if ((sign === '|' || sign === '#') && i < signs.length - 1)
      refuse('expected nothing behind an end', drawing!, at + 1);
    if (sign === '|') return { step, kind: 'C' };
    if (sign !== '#') return { step, kind: 'N', value: values.has(sign) ? values.get(sign) : sign };
    const error = values.get('#');
    if (!isErrorText(error)) refuse('expected "# := {"name":…,"message":…}" for #', drawing!, at);
    return { step, kind: 'E', error: error as ErrorText };
  });
  return { title, marbles };
}

function isErrorText(value: unknown): boolean {
  const { name, message } = Object(value) as Partial<Record<string, unknown>>;
  return typeof name === 'string' && typeof message === 'string';
}

/** Throws a RecordingError that names a place of a line, counted from 0. */
export function refuse(message: string, { number }: Line, at: number): never {
  throw new RecordingError(message, number, at + 1);
}
