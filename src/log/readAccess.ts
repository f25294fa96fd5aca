import type { LineParts } from './logRecord.js';
import { timeStamp } from './timeStamp.js';

const MOST_READ = 65_536; // characters: an expression keeps a place for each one that it repeats
const ACCESS =
  /^(\S{1,255}) (\S{1,64}) (\S{1,255}) \[([^\]]{1,40})\] "(?:([A-Z]{3,16}) ([^"\s]*)(?: (HTTP\/[\d.]{1,4}))?|((?:[^"\\]|\\.)*))" (\d{3}) (\d+|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?/;

/**
 * Reads a line of a web server's access log, common or combined, by its first 65,536 characters; undefined for others. Of a
 * request that is none, such as the bytes of TLS, the text up to the first escape counts.
 */
export function readAccess(line: string): LineParts | undefined {
  const found = ACCESS.exec(line.length > MOST_READ ? line.slice(0, MOST_READ) : line);
  if (!found) return undefined;
  const [head, client, , user, stamp, method, target = '', protocol, other, status, size, referrer, agent] = found;
  const query = target.indexOf('?');
  const path = query < 0 ? target : target.slice(0, query);
  const request = method === undefined ? beginningOf(other!) : `${method} ${path}`;
  const fields: [string, string][] = [
    ['client', client!],
    ['size', size!],
  ];
  if (user !== '-') fields.push(['user', user!]);
  if (query >= 0) fields.push(['query', target.slice(query + 1)]);
  if (method === undefined) fields.push(['request', other!]);
  if (referrer !== undefined) fields.push(['referrer', referrer], ['agent', agent!]);
  const rest = line.slice(head.length).trim();
  if (rest !== '') fields.push(['rest', rest]);
  const code = Number(status);
  return {
    line,
    format: 'access',
    time: timeStamp(stamp!)?.time ?? null,
    severity: code >= 500 ? 'error' : code >= 400 ? 'warn' : 'info',
    component: '',
    message: `${status} ${request}${protocol === undefined ? '' : ` ${protocol}`}`,
    fields,
  };
}

/** Of a request that is none: the bytes of TLS are others each time. */
function beginningOf(request: string): string {
  const escape = request.indexOf('\\x');
  return escape < 0 ? request || '-' : request.slice(0, escape + 2);
}
