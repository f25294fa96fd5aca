type Field = readonly [name: string, value: string];

/** A request to a server, and its answer. */
interface Request {
  /** Of HTTP, from 100 to 599. */
  readonly status: number;
  /** Status, method and path, as an access log is read. */
  readonly text: string;
}

const DIGITS = 3; // of a status
const MOST_NAME = 128; // characters of a name that are looked at
/** What names end with, in lower case and without signs, of servers and libraries. */
const STATUS = /^(?:(?:http|response|downstream|sc|elb|server|edge)?status(?:code)?|(?:http)?responsecode|scstatus)$/;
const METHOD = /^(?:(?:cs|http|request|req|clientrequest)?method|verb)$/;
const TARGET = /^(?:(?:cs|http|request|req|original|clientrequest)?(?:uri|url|path)|csuristem|target)$/;
const LINE = /^([A-Z]{3,16}) (\S{1,2048})/; // of a request, in one value

/**
 * The request that named values tell of, such as `method=GET path=/a status=503`: a status beside a method or target, by whatever
 * names servers, libraries and clouds give them; undefined for others. Queries are left out.
 */
export function requestOf(fields: readonly Field[]): Request | undefined {
  const status = fields.find(([name, value]) => isStatus(name, value));
  if (!status) return undefined;
  let method: string | undefined;
  let target: string | undefined;
  for (const [name, value] of fields) {
    const last = lastOf(name);
    if (method === undefined && METHOD.test(last)) method = value;
    else if (target === undefined && TARGET.test(last)) target = value;
    else if (last === 'request' && target === undefined) {
      const found = LINE.exec(value);
      if (found) [, method, target] = found;
    }
  }
  if (method === undefined && target === undefined) return undefined;
  const parts = [status[1], method, target?.split('?', 1)[0]];
  return { status: Number(status[1]), text: parts.filter((part) => part !== undefined).join(' ') };
}

function isStatus(name: string, value: string): boolean {
  if (value.length !== DIGITS || !/^[1-5]\d\d$/.test(value)) return false;
  return STATUS.test(lastOf(name)) || /\bresponseStatus\.code$/.test(name.slice(-MOST_NAME));
}

/** The last part of a name, in lower case and letters alone. */
function lastOf(name: string): string {
  const from = name.lastIndexOf('.') + 1;
  return name
    .slice(from, from + MOST_NAME)
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '');
}
