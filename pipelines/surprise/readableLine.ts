import { recordReader } from '../../src/index.js';
import type { Scored } from './scored.js';

type Shown = Pick<Scored, 'line' | 'strange'>;
type Field = readonly [name: string, value: string];

const MOST_FIELDS = 8;
const MOST_VALUE = 80; // characters
const MOST_MESSAGE = 4096;
const MOST_ROWS = 3; // of a message
/** Values that say nothing about what happened: of journald, of the libraries, and the versions of formats. */
const PLUMBING =
  /^(?:_{1,2}[A-Z][A-Z_\d]*|SYSLOG_.*|CODE_.*|TID|INVOCATION_ID|pid|hostname|host|v|version|ecs\.version|stream|flags|dd\..*|.*(?:stack|stack_?trace|full_message))$/;

/**
 * The line of a log as people read it, with its strange parts: of JSON what is in front of it, its component and message, and
 * eight values at most, strange ones first; of Docker's files what was written there. Time and severity are left out, since
 * they are shown beside it. Any other line is returned as it is.
 */
export function readableLine({ line, strange }: Shown): Shown {
  if (!line.includes('{')) return { line, strange };
  const { format, message, component, fields, text } = recordReader().read(line);
  const isJson = text.startsWith('{') && (format === 'json' || format === 'otlp');
  if (!isJson) return text === line || line.endsWith(text) ? { line, strange } : marked(text, strange);
  const before = line.endsWith(text) ? line.slice(0, line.length - text.length) : '';
  const hasMessage = message !== fields.map(([name]) => name).join(' ');
  const isStrange = ([, value]: Field): boolean => strange.some(({ text }) => text !== '' && value.includes(text));
  const useful = fields.filter(([name, value]) => !PLUMBING.test(name) && value !== '' && value !== 'null');
  const chosen = [...useful.filter(isStrange), ...useful.filter((field) => !isStrange(field))].slice(0, MOST_FIELDS);
  const parts = [
    ...(component !== '' && !before.includes(component) ? [`${component}:`] : []),
    ...(hasMessage ? [messageText(message)] : []),
    ...chosen.map(([name, value]) => `${name}=${valueText(value)}`),
  ];
  return marked(before + (parts.length === 0 ? text : parts.join(' ')), strange);
}

/** The first rows of a message; a trace begins at the first one that is indented. */
function messageText(message: string): string {
  const rows = message.slice(0, MOST_MESSAGE).split(/[\r\n]+/, MOST_ROWS + 1);
  const trace = rows.findIndex((row) => /^\s/.test(row));
  const shown = rows.slice(0, trace < 0 ? MOST_ROWS : trace).join(' ');
  return shown.length < message.length - rows.length ? `${shown} …` : shown;
}

function valueText(value: string): string {
  const row = firstRow(value, MOST_VALUE);
  return /[\s"=]/.test(row) && !/^[{[]/.test(row) ? JSON.stringify(row) : row;
}

/** The first row of a text, with … where it was cut. */
function firstRow(text: string, most: number): string {
  const [row = ''] = text.split(/[\r\n]/, 1);
  return row.length > most ? `${row.slice(0, most)}…` : row.length < text.length ? `${row} …` : row;
}

/** The text with the strange parts of the line where it has them. */
function marked(text: string, strange: Scored['strange']): Shown {
  const found = strange.flatMap(({ text: part, bits }) =>
    part
      .split(/["\\{}[\],:]+/)
      .filter((piece) => piece.length > 1)
      .flatMap((piece) => {
        const at = text.indexOf(piece);
        if (at < 0) return [];
        const from = Array.from(text.slice(0, at)).length;
        return [{ text: piece, from, to: from + Array.from(piece).length, bits }];
      }),
  );
  return { line: text, strange: found };
}
