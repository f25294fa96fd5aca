/** Finds the lines of a trace that say most: what was thrown, why, and where in the program's own code. */
export interface TraceReader {
  /** Takes the next line of the trace, and returns those that are known by it to be among them, eight in all. */
  add(line: string): readonly string[];
}

const MOST_SHOWN = 8; // lines of a trace
const MOST_TEXT = 400; // characters of each
const THROWN =
  /^(?:Caused by|Suppressed): |^\s*\[cause\]: |^(?:Exception in thread "|Uncaught |Unhandled |panic: |thread '[^']{0,80}' panicked at |\*\* (?:\(\w|exception \w)|ERROR: \w|Error in \S|terminate called |(?:\S{1,200}: )?Fatal error: |(?:BUG|Oops|Kernel panic)\b|Program received signal )|^[\w$./]{0,200}(?:Error|Exception|Throwable|Fault)(?: \[\w+\])?(?::|$| \()/;
const FRAME =
  /^\s*(?:at (?:async )?\S|File "[^"]+", line \d|#\d+ |from \S+:\d|\d+: |\S+\.go:\d|[\w./@-]{1,300}\.rb:\d+:in |(?:\([\w. -]{1,80}\) )?\S{1,300}\.exs?:\d+: |\S{1,300}\.lua:\d+: in |@ \S|\d+ .{1,300} in \S{1,200} at \S{1,300}:\d|\S.{0,200} called at \S{1,300}[: ]|(?:Raised at|Called from) .{1,200}, line \d|in function {1,4}\S|RIP: )/;
/** Frames of platforms and of packages that were installed. */
const FOREIGN =
  /^\s*(?:at (?:async )?|from )?(?:java|javax|jdk|sun|com\.(?:sun|mysql|zaxxer|fasterxml|google|amazonaws|oracle)|okhttp3|ch\.qos|kotlin|kotlinx|scala|akka|clojure|groovy|org\.(?:springframework|apache|hibernate|eclipse|junit|postgresql|mariadb|jboss|slf4j|mongodb)|io\.netty|reactor|System|Microsoft)[./]|\(?node:|\binternal\/|node_modules\/|site-packages\/|dist-packages\/|\/lib\/python|\/usr\/(?:local\/)?(?:go|lib)\/|\/gems\/|vendor\/|\/rustc\/|^\s*\d+: (?:rust_|_?(?:core|std|alloc)::)|\(dart:|^\s*@ (?:Base|Core|\.\/)|\(stdlib |\(elixir |^\s*(?:Raised at|Called from) Stdlib|\bin libswift/;
/** Python's frames come before what was raised. */
const LAST_COUNTS = /(?:^|[^\w.])Traceback \(most recent call last\):?$/;
/** What has the message on a line of its own: crashes of Rust, Dart and Clojure, reports of Erlang and Elixir, .NET's console. */
const MESSAGE_NEXT =
  /(?:^|\s)(?:thread '[^']{0,80}' (?:\(\d{1,20}\) )?panicked at .*:|Unhandled exception:|Execution error \(.{1,200}\.|(?:GenServer|Task|Process) .{1,200} terminating|FATAL EXCEPTION: .{1,100}|(?:trce|dbug|info|warn|fail|crit): [\w.`]{1,200}\[\d{1,9}\])$|^=[A-Z]{4,16} REPORT====.{0,60}===$/;
/** The console of .NET indents all behind its first line by so much. */
const OF_CONSOLE = /(?:^|\s)(?:trce|dbug|info|warn|fail|crit): [\w.`]{1,200}\[\d{1,9}\]$/;
const INDENT_OF_CONSOLE = /^ {6}/;
/** What PostgreSQL says of an error. */
const PART = /^(?:DETAIL|HINT|QUERY|CONTEXT|STATEMENT): {2}/;
const OF_GROUP = /^\s*\| ?/; // Python's, of several exceptions

/** Makes a reader of one trace behind its `first` line: of the JVM, Node, Python, Go, Rust, .NET, Ruby, PHP and others. */
export function traceReader(head = ''): TraceReader {
  let shown = 0;
  let first: string | undefined; // a frame of the present exception, should there be none of the program
  let last: string | undefined; // where the last frame counts
  let wanted = true; // no frame of the present exception was returned yet
  let reversed = LAST_COUNTS.test(head);
  const isConsole = OF_CONSOLE.test(head);
  let messageNext = MESSAGE_NEXT.test(head);

  function give(...lines: readonly (string | undefined)[]): readonly string[] {
    const given = lines
      .filter((line) => line !== undefined)
      .slice(0, MOST_SHOWN - shown)
      .map((line) => (line.length > MOST_TEXT ? `${line.slice(0, MOST_TEXT)}…` : line).trimEnd());
    shown += given.length;
    return given;
  }
  /** The frame of the exception that ends, where none of the program was among them. */
  function rest(): string | undefined {
    const left = wanted ? (last ?? first) : undefined;
    first = last = undefined;
    return left;
  }
  return {
    add(text) {
      const line = (isConsole ? text.replace(INDENT_OF_CONSOLE, '') : text.replace(OF_GROUP, '')).trimEnd();
      if (line === '') return [];
      if (PART.test(line)) return give(line);
      if (LAST_COUNTS.test(line)) {
        const left = rest();
        reversed = true;
        wanted = true;
        return give(left);
      }
      if (THROWN.test(line) || messageNext || (reversed && !/^\s/.test(line))) {
        messageNext = MESSAGE_NEXT.test(line);
        const left = rest();
        wanted = !reversed; // there the frames come before what was thrown
        reversed = false;
        return give(left, line);
      }
      if (!wanted || !FRAME.test(line)) return [];
      const own = !FOREIGN.test(line);
      first ??= line;
      if (reversed) {
        if (own) last = line;
        return [];
      }
      if (!own) return [];
      wanted = false;
      first = undefined;
      return give(line);
    },
  };
}
