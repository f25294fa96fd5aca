import { isDigit } from './isDigit.js';
import type { LineParts } from './logRecord.js';
import { severityOf } from './severityOf.js';
import { severityOfStatus } from './severityOfStatus.js';
import { type ChooseTime, timeStamp } from './timeStamp.js';

const MOST_READ = 65_536; // characters: an expression keeps a place for each one that it repeats
const MOST_HEAD = 1024; // characters before a request
/** Of a request in quotes: method, target and protocol, or what else was sent. */
const OF_REQUEST = '"(?:([A-Z]{3,16}) ([^"\\s]*)(?: (HTTP\\/[\\d.]{1,4}))?|((?:[^"\\\\]|\\\\.)*))"';
/** Common and combined, also with the name of the host in front. */
const COMBINED = /* @__PURE__ */ combined();
/** What may be in front of a request of another order: a time in brackets, names and addresses, as of Envoy, nginx and S3. */
const HEAD = /^((?:\S{1,255} ){0,4})\[([^\]]{10,40})\] ((?:\S{1,255} ){0,8})$/;
const BEHIND_HEAD = /* @__PURE__ */ behindHead();

function combined(): RegExp {
  const texts = String.raw`(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?`;
  return new RegExp(
    String.raw`^(?:(\S{1,255}) )??(\S{1,255}) (\S{1,64}) (\S{1,255}) \[([^\]]{1,40})\] ${OF_REQUEST} (\d{3}) (\d+|-)${texts}`,
  );
}

function behindHead(): RegExp {
  return new RegExp(String.raw`^${OF_REQUEST} (\d{3}|0)(?: (\d+|-))?(?![^\s])`);
}
/** Of Amazon's balancers: kind, but of classic ones, time, balancer, client, target, three durations, two statuses and sizes. */
const BALANCER =
  /^(?:(?:h2|https?|wss?|grpcs?) )?(\d{4}-\S{8,40}) (\S{1,255}) (\S{1,64}) (\S{1,64}) (?:-?[\d.]{1,24} ){3}(\d{3}|-) (?:\d{1,3}|-) \d{1,20} (\d{1,20}) $/;
/** HAProxy: client, time, frontend, backend and server, durations, status, size, cookies, how it ended, connections, queues. */
const HAPROXY =
  /^(\S{1,64}:\d{1,5}) \[([^\]]{20,40})\] (\S{1,255}) (\S{1,255}\/\S{1,255}) [+-]?\d{1,12}(?:\/[+-]?\d{1,12}){2,5} (\d{3}|-1) \+?(\d{1,20}) (?:\S{1,255} ){2}(\S{2,8}) [\d/+]{3,64} [\d/+]{3,32} (?:\{[^}]{0,512}\} ){0,2}$/;
/** Squid: time, duration, client, result, status, size, method, target. */
const SQUID =
  /^(1\d{9}\.\d{3}) {1,8}(\d{1,12}) (\S{1,64}) ([A-Z_]{3,40})\/(\d{3}) (\d{1,20}) ([A-Z]{3,16}) (\S{1,4096})/;
/** Gin: time, status, duration, client, method, target. */
const GIN =
  /^\[GIN\] ([^|]{19,32}) \| {0,2}(\d{3}) \| {0,16}(\S{1,24}) \| {0,64}(\S{1,64}) \| ([A-Z]{3,16}) {1,8}"([^"]{0,4096})"/;
/** Morgan: method, target, status, duration. */
const MORGAN = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\S{1,4096}) (\d{3}) (\d{1,12}\.\d{3}) ms - (\d{1,20}|-)$/;

type Fields = [name: string, value: string][];

/**
 * Reads a line of the access log of a server or proxy by its first 65,536 characters: common or combined, also behind the name of
 * a host, as of Envoy, HAProxy, Squid, Gin, Morgan, the load balancers of Amazon, and requests behind a time in brackets;
 * undefined for others. Of a request that is none, such as the bytes of TLS, the text up to the first escape counts.
 */
export function readAccess(line: string, choose?: ChooseTime): LineParts | undefined {
  const start = line.length > MOST_READ ? line.slice(0, MOST_READ) : line;
  const quote = start.indexOf('"');
  if (quote < 0) return readUnquoted(line, start, choose);
  return readCombined(line, start, choose) ?? (quote <= MOST_HEAD ? readOther(line, start, quote, choose) : undefined);
}

function readCombined(line: string, start: string, choose?: ChooseTime): LineParts | undefined {
  const found = COMBINED.exec(start);
  if (!found) return undefined;
  const [head, host, client, , user, stamp, method, target = '', protocol, other, status, size, referrer, agent] =
    found;
  const fields: Fields = [
    ['client', client!],
    ['size', size!],
  ];
  if (host !== undefined) fields.push(['host', host]);
  if (user !== '-') fields.push(['user', user!]);
  const text = requestText({ method, target, protocol, other }, fields);
  if (referrer !== undefined) fields.push(['referrer', referrer], ['agent', agent!]);
  addRest(line, head.length, fields);
  return partsOf(line, stamp!, status!, text, fields, choose);
}

/** A line with a request in quotes, and what its head is like. */
function readOther(line: string, start: string, quote: number, choose?: ChooseTime): LineParts | undefined {
  const head = start.slice(0, quote);
  const code = head.charCodeAt(0);
  if (code === BRACKET && head.startsWith('[GIN] ')) return readGin(line, start, choose);
  if (!/^[A-Z<]/.test(start.slice(quote + 1, quote + 2))) return undefined;
  if (head.includes('] ')) {
    const found = HAPROXY.exec(head);
    if (found) return readHaproxy(line, start, found, choose);
  }
  if (isDigit(code) || (code >= SMALL_G && code <= SMALL_W)) {
    const found = BALANCER.exec(head);
    if (found) return readBalancer(line, start, found, choose);
  }
  const found = head.includes(']') ? HEAD.exec(head) : null;
  const request = found && BEHIND_HEAD.exec(start.slice(quote));
  if (!request) return undefined;
  const [all, method, target = '', protocol, , status, size] = request;
  const names = `${found[1]}${found[3]}`.trim().split(' ');
  if (method === undefined || names.some(isLevel)) return undefined;
  const client = names.find((name) =>
    /^\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?$|^[\da-f]{0,4}(?::[\da-f]{0,4}){2,8}$/i.test(name),
  );
  const fields: Fields = [];
  if (client !== undefined) fields.push(['client', client]);
  if (size !== undefined) fields.push(['size', size]);
  const others = names.filter((name) => name !== client && name !== '-' && name !== '');
  if (others.length > 0) fields.push(['names', others.join(' ')]);
  const text = requestText({ method, target, protocol }, fields);
  addRest(line, quote + all.length, fields);
  return partsOf(line, found[2]!, status!, text, fields, choose);
}

function readHaproxy(line: string, start: string, found: RegExpExecArray, choose?: ChooseTime): LineParts {
  const [head, client, stamp, frontend, server, status, size, ended] = found;
  const fields: Fields = [
    ['client', client!],
    ['size', size!],
    ['frontend', frontend!],
    ['server', server!],
    ['ended', ended!],
  ];
  return partsOf(line, stamp!, status!, requestText(requestAt(start, head.length), fields), fields, choose);
}

function readBalancer(line: string, start: string, found: RegExpExecArray, choose?: ChooseTime): LineParts {
  const [head, stamp, balancer, client, server, status, size] = found;
  const fields: Fields = [
    ['client', client!],
    ['size', size!],
    ['balancer', balancer!],
    ['server', server!],
  ];
  const text = requestText(requestAt(start, head.length), fields);
  addRest(line, start.indexOf('"', head.length + 1) + 1 || line.length, fields);
  return partsOf(line, stamp!, status!, text, fields, choose);
}

function readGin(line: string, start: string, choose?: ChooseTime): LineParts | undefined {
  const [, stamp, status, duration, client, method, target] = GIN.exec(start) ?? [];
  if (stamp === undefined) return undefined;
  const fields: Fields = [
    ['client', client!],
    ['duration', duration!],
  ];
  return partsOf(line, stamp, status!, requestText({ method, target: target! }, fields), fields, choose);
}

/** A line of Squid or Morgan. */
function readUnquoted(line: string, start: string, choose?: ChooseTime): LineParts | undefined {
  const code = start.charCodeAt(0);
  if (code === ONE) {
    const [head, stamp, duration, client, result, status, size, method, target] = SQUID.exec(start) ?? [];
    if (head === undefined) return undefined;
    const fields: Fields = [
      ['client', client!],
      ['size', size!],
      ['result', result!],
      ['duration', duration!],
    ];
    const text = requestText({ method, target: target! }, fields);
    addRest(line, head.length, fields);
    return partsOf(line, stamp!, status!, text, fields, choose);
  }
  if (code < 68 || code > 80 || !start.includes(' ms - ')) return undefined; // D to P
  const [, target, status, duration, size] = MORGAN.exec(start) ?? [];
  if (target === undefined) return undefined;
  const fields: Fields = [
    ['size', size!],
    ['duration', duration!],
  ];
  return partsOf(line, '', status!, requestText({ method: start.split(' ', 1)[0], target }, fields), fields, choose);
}

const BRACKET = 91;
const ONE = 49;
const SMALL_G = 103;
const SMALL_W = 119;

/** Whether a word in front of a request is a level, of a line with a request in its message; a number is a port or an id. */
function isLevel(name: string): boolean {
  return !isDigit(name.charCodeAt(0)) && severityOf(name.replaceAll(/[[\]:]/g, '')) !== null;
}

interface RequestParts {
  readonly method: string | undefined;
  readonly target: string;
  readonly protocol?: string | undefined;
  /** What was sent that is not a request. */
  readonly other?: string | undefined;
}

/** The request in the quotes that open at a place. */
function requestAt(text: string, quote: number): RequestParts {
  const [method, target = '', protocol] = text
    .slice(quote + 1)
    .split('"', 1)[0]!
    .split(' ');
  return { method, target, protocol };
}

/** The request without its query, which becomes a field. */
function requestText({ method, target, protocol, other }: RequestParts, fields: Fields): string {
  const query = target.indexOf('?');
  if (query >= 0) fields.push(['query', target.slice(query + 1)]);
  if (other !== undefined) fields.push(['request', other]);
  const path = query < 0 ? target : target.slice(0, query);
  const request = other === undefined ? `${method}${path === '' ? '' : ` ${path}`}` : beginningOf(other);
  return `${request}${protocol === undefined ? '' : ` ${protocol}`}`;
}

function addRest(line: string, from: number, fields: Fields): void {
  const rest = line.slice(from).trim();
  if (rest !== '') fields.push(['rest', rest]);
}

function partsOf(
  line: string,
  stamp: string,
  status: string,
  request: string,
  fields: Fields,
  choose: ChooseTime | undefined,
): LineParts {
  const code = Number(status);
  return {
    line,
    format: 'access',
    time: stamp === '' ? null : (timeStamp(stamp, choose)?.time ?? null),
    severity: code >= 100 ? severityOfStatus(code) : 'warn', // the client has gone before an answer
    component: '',
    message: `${status} ${request}`,
    fields,
  };
}

/** Of a request that is none: the bytes of TLS are others each time. */
function beginningOf(request: string): string {
  const escape = request.indexOf('\\x');
  return escape < 0 ? request || '-' : request.slice(0, escape + 2);
}
