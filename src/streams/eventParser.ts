/** An event that a server sent. */
export interface ServerEvent {
  /** `message` where the server names none. */
  readonly type: string;
  /** Its lines of data, with line feeds between them. */
  readonly data: string;
  /** The identifier that was sent last, with this event or before; empty where there was none. */
  readonly id: string;
}

/** Reads server-sent events from pieces of text. */
export interface EventParser {
  /** The events that the text completes. */
  push(text: string): ServerEvent[];
  /** The identifier that was sent last. */
  readonly id: string;
  /** Milliseconds before connecting again, where the server has named them. */
  readonly retry: number | undefined;
}

/** The longest event, in UTF-16 units. */
const LONGEST = 16 * 1024 * 1024;

/**
 * Makes a parser of `text/event-stream`, by the rules of the HTML standard (9.2.6): lines end with LF, CR or both, a
 * blank one ends an event, and an event without its blank line is dropped. What the connection before left, its last
 * identifier and the time before connecting again, is kept. An Error for an event beyond 16 Mi characters.
 */
export function eventParser(before?: EventParser): EventParser {
  let { id, retry } = before ?? { id: '', retry: undefined };
  let pending = ''; // the start of a line
  let afterReturn = false; // a line feed now belongs to the ending before
  let first = true;
  let type = '';
  let data: string[] = [];
  let size = 0;

  function field(line: string): ServerEvent | undefined {
    if (line === '') return dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return undefined; // a comment
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'event') type = value;
    else if (name === 'data') {
      data.push(value);
      grow(value.length + 1);
    } else if (name === 'id' && !value.includes('\0')) id = value;
    else if (name === 'retry' && /^\d{1,9}$/.test(value)) retry = Number(value);
    return undefined;
  }
  function grow(length: number): void {
    size += length;
    if (size > LONGEST) throw new Error(`fromEventSource: an event is longer than ${LONGEST} characters`);
  }
  function dispatch(): ServerEvent | undefined {
    const event = data.length === 0 ? undefined : { type: type || 'message', data: data.join('\n'), id };
    type = '';
    data = [];
    size = 0;
    return event;
  }

  return {
    get id() {
      return id;
    },
    get retry() {
      return retry;
    },
    push(text) {
      const events: ServerEvent[] = [];
      if (text === '') return events;
      if (first && text.startsWith('\ufeff')) text = text.slice(1);
      first = false;
      if (afterReturn && text.startsWith('\n')) text = text.slice(1);
      if (text !== '') afterReturn = text.endsWith('\r');
      const lines = text.split(/\r\n|\n|\r/);
      lines[0] = pending + lines[0]!;
      pending = lines.pop()!;
      for (const line of lines) {
        const event = field(line);
        if (event) events.push(event);
      }
      if (size + pending.length > LONGEST) grow(pending.length);
      return events;
    },
  };
}
