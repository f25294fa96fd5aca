import { kindOfColumn } from './kindOfColumn.js';
import type { LineParts } from './logRecord.js';
import { requestOf } from './requestOf.js';
import { severityOf } from './severityOf.js';
import { severityOfStatus } from './severityOfStatus.js';
import { type ChooseTime, timeStamp } from './timeStamp.js';

const MOST_READ = 65_536; // characters
const QUOTED = /"[^"]*"|[^\s"]\S*/g;
const COMMA = /(?:^|,)("(?:[^"]|"")*"|[^,]*)/g;
const LEVEL = /^(?:x-)?(?:level|severity|loglevel)$/i;

/**
 * Reads a line whose columns have names, as of IIS, CloudFront, Windows' firewall and Zeek: a request by its status, method and
 * path, any other by all of its columns but the time; undefined where their number or the time is another.
 */
export function readColumns(line: string, names: readonly string[], choose?: ChooseTime): LineParts | undefined {
  if (line.length > MOST_READ) return undefined;
  const cells = cellsOf(line, names.length);
  if (!cells) return undefined;
  const fields: [string, string][] = [];
  let [date, clock, severity]: [string, string, LineParts['severity']] = ['', '', null];
  for (const [i, name] of names.entries()) {
    const value = cells[i]!;
    const kind = kindOfColumn(name);
    if (kind === 'date' && date === '') date = value;
    else if (kind === 'time' && clock === '') clock = value;
    else if (severity === null && LEVEL.test(name)) severity = severityOf(value);
    else if (value !== '-' && value !== '') fields.push([name, value]);
  }
  const time = clock === '' && date === '' ? null : timeStamp(`${date} ${clock}`.trim(), choose)?.time;
  if (time === undefined) return undefined;
  const request = requestOf(fields);
  return {
    line,
    format: request ? 'access' : 'plain',
    time,
    severity: request ? severityOfStatus(request.status, severity) : severity,
    component: '',
    message: request?.text ?? fields.map(([, value]) => value).join(' '),
    fields: request ? fields : [],
  };
}

/** The cells of a line, if they are so many: between tabs, spaces or commas, in quotes where those are in them. */
function cellsOf(line: string, count: number): readonly string[] | undefined {
  const cells = line.includes('\t')
    ? line.split('\t')
    : line.includes('"')
      ? (line.match(QUOTED) ?? [])
      : line.split(' ');
  if (cells.length === count) return cells;
  if (!line.includes(',')) return undefined;
  const between = Array.from(line.matchAll(COMMA), ([, cell]) => cell!);
  return between.length === count ? between : undefined;
}
