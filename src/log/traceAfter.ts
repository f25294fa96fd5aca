import { isDigit } from './isDigit.js';

/**
 * What a line of a trace leaves open. Nothing; `python`: frames, until the line that names the exception, which is not indented;
 * `grouped`: Python's exceptions in a box of bars; `thrown`: frames of what was named, and another exception that came of it;
 * `chained`: the trace of that one; `go`: goroutines, whose functions are not indented; `panicked`: the message of a crash, on a
 * line of its own; `rust`: notes and frames; `source`, `caret`, `named`: the line of source, the mark below it and the name of
 * an uncaught error of Node, behind the place; `report`: what a sanitizer found; `announced`: what Android says before the
 * exception; `kernel`: registers and calls of Linux; `bugreport`: all, to an end that is marked; `erlang`: all, to an empty line;
 * `hash`: lines of a crash of the JVM.
 */
export const OPEN_TRACES = ['', 'python', 'grouped', 'thrown', 'chained', 'go', 'panicked', 'rust', 'source', 'caret', 'named', 'report', 'announced', 'kernel', 'bugreport', 'erlang', 'hash'] as const; // prettier-ignore
export type OpenTrace = (typeof OPEN_TRACES)[number];

const MOST_HEAD = 4096; // characters
const TRACEBACK = /(?:^|[^\w.])Traceback \(most recent call last\):?$/;
const GROUP = /Exception Group Traceback \(most recent call last\):?$/;
const OF_GROUP = /^\s*(?:\||\+[-+ ])/;
const CHAINED = /^(?:During handling of the above exception|The above exception was the direct cause)/;
const CAUSE = /^\s*(?:(?:Caused by|Suppressed): |Caused by:$|Next [\w\\]{1,200}: |\.\.\. \d+ (?:more|common))/;
/** Frames that nothing else looks like: of the JVM, Node and .NET, of Python, Ruby, PHP and OCaml. */
const FRAME =
  /^\s*(?:At \S.{0,300}:\d{1,9} char:\d{1,9}$|--- End of (?:inner exception )?stack trace|at (?:async )?[^\s(]{1,300} ?\(|at \S{1,300}:\d+:\d+\)?$|File "[^"]{1,300}", line \d|[\w./@-]{1,300}\.rb:\d+:in |from [\w./@-]{1,300}:\d+:in |#\d+ (?:\S{1,300}\(\d+\): |\{main\}$)|(?:Raised|Re-raised|Called) (?:at|from|by) .{1,300}, line \d)/;
/** What announces frames, on a line of its own. */
const FRAMES_FOLLOW =
  /^\s*(?:=+ )?(?:current |full )?(?:stack ?trace(?:back)?|(?:stack )?backtrace|stack traceback|call trace|callstack \(from hascallstack\)|memory map)(?: of thread \d{1,10}| for this error)?:(?: =+)?$/i;
/** Frames where a trace is open, such as of Dart, Swift, Julia, R, Zig, Firefox, and of the C library. */
const LIKE_A_FRAME =
  /^\s*(?:#\d{1,5}\s{1,20}\S|\[\d{1,5}\] \S|\d{1,5}: \S|\d{1,5}\s{1,20}(?:\S{1,300}\s{1,80})?0x[\da-f]|\S{1,300}\s{1,80}0x[\da-f]+ .{0,300} \+ \d+$|\S{1,300}:\d+:\d+: 0x|[^\s@]{0,300}@\S{1,300}:\d+$|[^\s[\]]{1,300}\[0x[\da-f]+\]$|<asynchronous suspension>$|\[C\]: (?:in|at) |\S{1,300}:\d{1,9}: in (?:function|main chunk|upvalue|local|method|field)|coroutine \d{1,9}:$|\d{1,5} {1,16}(?:\[\w{1,16}\] ){1,4} {0,16}0x[\da-f]|\*\*\* Program crashed: |0x[\da-f]{4,16} \S|Registers:$|[a-z]\w{1,6} 0x[\da-f]{16}|Images \(\d|0x[\da-f]{1,16}[–-]0x[\da-f]|Backtrace took \d|[\da-f]{8,16}-[\da-f]{8,16} [r-][w-][x-]|\+ \S|\.\.\.\s?(?:\d+ |additional )?frames|Thread \d+ .{0,100}crashed:$|\*\*\* Signal \d)/;
/** What comes behind the frames: of Node, R, Julia, Elixir. */
const BEHIND_FRAMES =
  /^(?:Node\.js v\d|Emitted '[^']{1,100}' event |\(Use `node |[)\]}]+[,;]?$|Calls: |Execution halted$|Closest candidates are:$|Full report at:$|\/tmp\/clojure-|ELF object binary |Module \S{1,200} from |in expression starting at |Last message[ :]|State: )/;
const THROWN = /^[\w$.\\]{0,200}(?:Error|Exception)(?:: |$| \()/;
/** First lines of crashes and errors beside those: of browsers, .NET, Elixir, C++, Swift, OCaml, Zig, Julia, R; and of Perl. */
const OPENS =
  /^(?:(?:Uncaught |Unhandled exception[.:] )[\w$.\\(]|\*\* (?:\([\w.]|exception \w{1,16}: )|\*\*\* Program crashed: |Program received signal SIG|Process \d{1,10} \(.{1,64}\) of user \d{1,10} dumped core|terminate called |Fatal error: |\S{1,300}: Fatal error: |thread \d+ panic: |ERROR: (?:LoadError: )?[\w.]{0,100}(?:Error|Exception)\b|Error in \S)/;
const OF_PERL = /^\D.{0,2000} at \S{1,300} line \d{1,9}\.$/;
/** Names that begin what opens a trace. */
const NAME_OPENS = /(?:error|exception|sanitizer|trace|traceback|panic|bug|oops|warning|sig[a-z]{2,6})$/i;
const INDENTED = /^\s+\S/;
const GOROUTINE = /^goroutine \d+ \[/;
const OF_GO =
  /^(?:created by |exit status \d|\[signal |\[recovered\]|\.\.\.additional frames elided|PC=0x|r\w{1,5} +0x[\da-f]+$|[\w./*()[\]{}$-]{1,300}\(.{0,300}\)$)/;
const OF_RUST = /^(?:stack backtrace:|note: )/;
const CRASH_OF_RUST = /^thread '[^']{0,200}' (?:\(\d{1,20}\) )?panicked at /;
const CRASH_OF_GO = /^(?:panic: |fatal error: |SIG[A-Z]{2,6}: )/;
/** What is followed by its message on a line of its own: crashes of Dart and Clojure, processes of Elixir, errors of Julia. */
const MESSAGE_FOLLOWS =
  /^(?:Unhandled exception:$|Execution error \(.{1,200}\.$|(?:GenServer|Task|Process) .{1,200} terminating$|ERROR: (?:LoadError: )?\w{1,100}(?:Error|Exception)\b.{0,200}:$)/;
/** The first characters of these crashes, of goroutines, and of what is followed by its message: most lines have another one. */
const CRASHES_BEGIN = 'pfSgtUEGTP';
/** The place of an uncaught error of Node, in front of the line of source. */
const PLACE =
  /^(?:node:[\w/]{1,200}|\[eval\]|evalmachine\.<anonymous>|(?:file:\/\/)?[^\s"'()]{0,300}\.[cm]?[jt]sx?):\d{1,9}$/;
const CARET = /^\s*[\^~]+\s*$/;
/** Reports of sanitizers and of valgrind. */
const REPORT = /^(?:={15,}$|==\d{1,10}==|(?:WARNING: )?\w{1,20}Sanitizer: |\S{1,300}:\d+:\d+: runtime error: )/;
const OF_REPORT =
  /^(?:==\d{1,10}==|=+$|(?:WARNING: )?\w{1,20}Sanitizer: |(?:READ|WRITE) of size |0x[\da-f]+ is |(?:freed|allocated|previously allocated) by |SUMMARY: |Shadow |Thread T\d|HINT: |The signal is )/;

const ANNOUNCED = /^FATAL EXCEPTION: /;
const OF_ANNOUNCED = /^(?:Process: \S{1,200}, PID: \d|PID: \d)/;
const ANNOUNCED_EXCEPTION = /^[\w$.]{1,200}(?::|$)/;
/** What Linux says of its own crashes, and the time since it began that it has in front of each line. */
const KERNEL =
  /^(?:-{8,}\[ cut here \]-{8,}$|BUG: |Oops: |Kernel panic - |WARNING: CPU: \d|INFO: rcu|(?:INFO: )?task .{1,100} blocked for more than \d|watchdog: BUG: |general protection fault|Unable to handle kernel |Internal error: )/;
const OF_KERNEL =
  /^(?:#PF: |PGD |pgd = |Oops: |CPU: \d|CPU\d|Hardware name: |Workqueue: |Sched_clock|R[A-Z\d]{1,2}: ?|[A-Z]{1,2}S: |[CD]R\d: |EFLAGS: |Code: |Call Trace:|Modules linked in: |-{3}\[ end |WARNING: CPU: |Kernel panic - |Kernel Offset: |Not tainted|Tainted: |Mem abort info:|Data abort info:|(?:pc|lr|sp|pstate) ?: |x\d{1,2} ?: |<\/?[A-Z]{3,4}>|\? |\S{1,200}\+0x[\da-f]{1,8}\/0x[\da-f]|"echo 0 > |task:\S|note: \S{1,64}\[\d|Rebooting in )/;
const SINCE_BOOT = /^(?:<\d{1,3}>)?\[ {0,8}\d{1,9}\.\d{1,9}\](?:\[ {0,8}[TC]\d{1,9}\])? ?/;
const BUG_REPORT = /^=+ [A-Z]{2,32} BUG REPORT START\b/;
const END_OF_REPORT = /^=+ [A-Z]{2,32} BUG REPORT END\b/;
const OF_ERLANG = /^=[A-Z]{4,16} REPORT====/;
const FATAL_OF_JVM = /^# A fatal error has been detected by /;

/** What the first line of a record leaves open; `name` is what may be the name of what was thrown, taken off its message. */
export function opensTrace(message: string, name = ''): OpenTrace {
  const text = message.length > MOST_HEAD ? message.slice(0, MOST_HEAD) : message;
  if (isTraceback(text)) return GROUP.test(text) ? 'grouped' : 'python';
  const first = text.charCodeAt(0);
  if (OF_KERNEL_FIRST.has(first) && KERNEL.test(sinceBoot(text))) return 'kernel';
  if (first === EQUALS && BUG_REPORT.test(text)) return 'bugreport';
  if (first === EQUALS && OF_ERLANG.test(text)) return 'erlang';
  if (first === HASH && FATAL_OF_JVM.test(text)) return 'hash';
  if (first === CAPITAL_F && ANNOUNCED.test(text)) return 'announced';
  if (CRASHES_BEGIN.includes(text.charAt(0))) {
    if (CRASH_OF_GO.test(text) || GOROUTINE.test(text)) return 'go';
    if (CRASH_OF_RUST.test(text)) return text.endsWith(':') ? 'panicked' : 'rust';
    if (MESSAGE_FOLLOWS.test(text)) return 'panicked';
  }
  if (isDigit(text.charCodeAt(text.length - 1)) && PLACE.test(text)) return 'source';
  if (REPORT.test(text)) return 'report';
  if (FRAME.test(text)) return /^\s*File "/.test(text) ? 'python' : 'thrown';
  if (THROWN.test(text) || OPENS.test(text) || (announces(text) && FRAMES_FOLLOW.test(text))) return 'thrown';
  if (text.endsWith('.') && OF_PERL.test(text)) return 'thrown';
  return name !== '' && NAME_OPENS.test(name) ? opensTrace(`${name}: ${text}`) : '';
}

/**
 * What is open after a line that continues the trace or message before it; undefined where it does not. `open` is what that left
 * open. A line with a time stamp or level of its own has to be `sure`: then what merely names an exception, or is indented
 * where nothing is open, is another message.
 */
export function traceAfter(text: string, open: OpenTrace, sure: boolean): OpenTrace | undefined {
  if (text.trim() === '') return open === '' ? undefined : open === 'erlang' ? '' : open;
  if (open === 'bugreport') return END_OF_REPORT.test(text) ? '' : open;
  if (open === 'erlang' && !sure && !OF_ERLANG.test(text)) return open;
  if (open === 'hash' && text.startsWith('#')) return open;
  if (open === 'kernel') return OF_KERNEL.test(sinceBoot(text).trimStart()) ? open : undefined;
  if (open === 'announced') {
    if (OF_ANNOUNCED.test(text)) return open;
    if (ANNOUNCED_EXCEPTION.test(text)) return 'thrown';
  }
  if (open === 'source') return 'caret';
  if (open === 'caret' && CARET.test(text)) return 'named';
  if (open === 'named') return 'thrown'; // whatever its name
  if (open === 'grouped' && OF_GROUP.test(text)) return open;
  if (isTraceback(text)) {
    const isOther = sure && open !== '' && open !== 'chained';
    return isOther ? undefined : GROUP.test(text) ? 'grouped' : 'python';
  }
  if (CHAINED.test(text)) return 'chained';
  const isIndented = INDENTED.test(text);
  if (isIndented && open !== '') return open;
  if (open === 'python') return 'thrown'; // whatever its name
  if (open === 'panicked') return 'rust';
  if (CAUSE.test(text) || FRAME.test(text) || FRAMES_FOLLOW.test(text)) return open === '' ? 'thrown' : open;
  if (open === 'go' && (GOROUTINE.test(text) || OF_GO.test(text))) return open;
  if (open === 'report' && OF_REPORT.test(text)) return open;
  if (open === 'rust' && OF_RUST.test(text)) return open;
  if (open !== '' && (LIKE_A_FRAME.test(text) || BEHIND_FRAMES.test(text))) return open;
  if (sure) return undefined;
  if (isIndented) return open;
  if (GOROUTINE.test(text)) return 'go';
  if (OF_RUST.test(text)) return 'rust';
  return THROWN.test(text) ? 'thrown' : undefined;
}

/** The first characters of what Linux says of its crashes, in code units: `-<BGIKOUW[gtw`. */
const OF_KERNEL_FIRST: ReadonlySet<number> = new Set([45, 60, 66, 71, 73, 75, 79, 85, 87, 91, 103, 116, 119]);
const HASH = 35;
const COLON = 58;
const CAPITAL_F = 70;
const LESS = 60;
const EQUALS = 61;
const SQUARE = 91;

/** Whether a text ends as what announces frames does. */
function announces(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last === COLON || last === EQUALS;
}

/** A line of Linux without its time. */
function sinceBoot(text: string): string {
  const first = text.charCodeAt(0);
  return first === SQUARE || first === LESS ? text.replace(SINCE_BOOT, '') : text;
}

function isTraceback(text: string): boolean {
  return text.includes('Traceback (most recent') && TRACEBACK.test(text);
}
