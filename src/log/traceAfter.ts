/**
 * What a line of a trace leaves open. Nothing; `python`: frames, until the line that names the exception, which is not indented;
 * `thrown`: frames of what was named, and another exception that came of it; `chained`: the trace of that one; `go`: goroutines,
 * whose functions are not indented; `panicked`: the message of Rust's panic, on a line of its own; `rust`: notes and frames.
 */
export const OPEN_TRACES = ['', 'python', 'thrown', 'chained', 'go', 'panicked', 'rust'] as const;
export type OpenTrace = (typeof OPEN_TRACES)[number];

const MOST_HEAD = 4096; // characters
const TRACEBACK = /(?:^|[^\w.])Traceback \(most recent call last\):?$/;
const CHAINED = /^(?:During handling of the above exception|The above exception was the direct cause)/;
const CAUSE = /^\s*(?:(?:Caused by|Suppressed): |\.\.\. \d+ (?:more|common))/;
/** Frames that nothing else looks like: of the JVM, Node and .NET, of Python, of Ruby, and of PHP. */
const FRAME =
  /^\s*(?:at (?:async )?[^\s(]{1,300} ?\(|at \S{1,300}:\d+:\d+\)?$|File "[^"]{1,300}", line \d|[\w./@-]{1,300}\.rb:\d+:in |from [\w./@-]{1,300}:\d+:in |#\d+ (?:\S{1,300}\(\d+\): |\{main\}$)|Stack trace:$)/;
const THROWN = /^[\w$.]{0,200}(?:Error|Exception)(?:: |$| \()/;
const INDENTED = /^\s+\S/;
const GOROUTINE = /^goroutine \d+ \[/;
const OF_GO = /^(?:created by |exit status \d|\[signal |\[recovered\]|[\w./*()[\]{}$-]{1,300}\(.{0,300}\)$)/;
const OF_RUST = /^(?:stack backtrace:|note: )/;
const OF_NODE = /^Node\.js v\d/;
const CRASH_OF_RUST = /^thread '[^']{0,200}' (?:\(\d{1,20}\) )?panicked at .*:$/;
const CRASH_OF_GO = /^(?:panic: |fatal error: )/;

/** What the first line of a record leaves open; `name` is what may be the name of what was thrown, taken off its message. */
export function opensTrace(message: string, name = ''): OpenTrace {
  const text = message.length > MOST_HEAD ? message.slice(0, MOST_HEAD) : message;
  if (isTraceback(text)) return 'python';
  if (CRASH_OF_GO.test(text) || GOROUTINE.test(text)) return 'go';
  if (CRASH_OF_RUST.test(text)) return 'panicked';
  if (THROWN.test(text)) return 'thrown';
  return name === '' ? '' : opensTrace(`${name}: ${text}`);
}

/**
 * What is open after a line that continues the trace or message before it; undefined where it does not. `open` is what that left
 * open. A line with a time stamp or level of its own has to be `sure`: then what merely names an exception, or is indented
 * where nothing is open, is another message.
 */
export function traceAfter(text: string, open: OpenTrace, sure: boolean): OpenTrace | undefined {
  if (text.trim() === '') return open === '' ? undefined : open;
  if (isTraceback(text)) return sure && open !== '' && open !== 'chained' ? undefined : 'python';
  if (CHAINED.test(text)) return 'chained';
  if (INDENTED.test(text) && (open !== '' || !sure)) return open;
  if (open === 'python') return 'thrown'; // whatever its name
  if (open === 'panicked') return 'rust';
  if (CAUSE.test(text) || FRAME.test(text)) return open === '' ? 'thrown' : open;
  if (open === 'go' && (GOROUTINE.test(text) || OF_GO.test(text))) return open;
  if (open === 'rust' && OF_RUST.test(text)) return open;
  if (open === 'thrown' && OF_NODE.test(text)) return open;
  if (sure) return undefined;
  if (GOROUTINE.test(text)) return 'go';
  if (OF_RUST.test(text)) return 'rust';
  return THROWN.test(text) ? 'thrown' : undefined;
}

function isTraceback(text: string): boolean {
  return text.includes('Traceback (most recent') && TRACEBACK.test(text);
}
