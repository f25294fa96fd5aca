/** The status behind the protocol of a request or in front of an answer's reason, and of requests that Rails has completed. */
const BEHIND_PROTOCOL = /^HTTP\/\d(?:\.\d)?"? ([1-5]\d\d)(?![\d.])/;
const COMPLETED = /(?:^|\] )Completed ([1-5]\d\d) [A-Z]/;
const MOST = 24; // characters from the protocol on
const MOST_TAGS = 512; // characters with the tags in front of what Rails has completed

/** The HTTP status of the request that a message tells of, such as `"GET /a HTTP/1.1" 500`; undefined without one. */
export function statusIn(message: string): number | undefined {
  const at = message.indexOf('HTTP/');
  const found = at >= 0 ? BEHIND_PROTOCOL.exec(message.slice(at, at + MOST)) : completed(message);
  return found ? Number(found[1]) : undefined;
}

function completed(message: string): RegExpExecArray | null {
  return message.includes('Completed ') ? COMPLETED.exec(message.slice(0, MOST_TAGS)) : null;
}
