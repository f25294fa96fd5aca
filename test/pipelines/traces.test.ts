import { from, lastValueFrom, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PlacedLine } from '../../pipelines/surprise/logSource.js';
import { alarmText, traceText } from '../../pipelines/surprise/alarmText.js';
import { keepInvalid } from '../../src/source/keepInvalid.js';
import { alarmEvents } from '../../pipelines/surprise/alarmEvents.js';
import { journalEntries } from '../../pipelines/surprise/journalEntries.js';
import type { Scored } from '../../pipelines/surprise/scored.js';
import { traceReader } from '../../pipelines/surprise/traceReader.js';
import { warnOfBinary } from '../../pipelines/surprise/warnOfBinary.js';
import type { Webhook } from '../../pipelines/surprise/webhook.js';
import { withTraces } from '../../pipelines/surprise/withTraces.js';

const alarm = { kind: 'line', key: 'a', since: 1, threshold: 9, count: 1 } as const;
const of = (line: string, number: number, record: number): Scored => ({
  line,
  number,
  record,
  bits: 1,
  bitsPerCharacter: 1,
  score: 9,
  strange: [],
});
const read = (lines: readonly string[]): string[] => {
  const reader = traceReader();
  return lines.flatMap((line) => reader.add(line));
};

test('a trace of the JVM: what was thrown, the first own frame, and both of its cause', () => {
  assert.equal(
    read([
      'com.acme.PoolException: no connection',
      '\tat java.base/java.util.Optional.orElseThrow(Optional.java:403)',
      '\tat com.acme.Pool.take(Pool.java:91)',
      '\tat com.acme.Orders.create(Orders.java:44)',
      'Caused by: java.net.SocketException: reset',
      '\tat java.base/sun.nio.ch.NioSocketImpl.read(NioSocketImpl.java:318)',
      '\tat com.acme.Driver.read(Driver.java:210)',
      '\t... 31 more',
    ]),
    [
      'com.acme.PoolException: no connection',
      '\tat com.acme.Pool.take(Pool.java:91)',
      'Caused by: java.net.SocketException: reset',
      '\tat com.acme.Driver.read(Driver.java:210)',
    ],
  );
});

test('a trace of Python: its last own frame comes before what was raised', () => {
  assert.equal(
    read([
      'Traceback (most recent call last):',
      '  File "/srv/app/main.py", line 9, in <module>',
      '    run()',
      '  File "/srv/app/jobs.py", line 31, in run',
      '    take(0)',
      '  File "/usr/lib/python3.12/queue.py", line 179, in get',
      'ValueError: nothing to take',
    ]),
    ['  File "/srv/app/jobs.py", line 31, in run', 'ValueError: nothing to take'],
  );
});

test('traces of Python that begin with their record’s first line, that came of each other, and of a group', () => {
  const trace = ['  File "/srv/app/main.py", line 9, in <module>', '  File "/srv/app/jobs.py", line 31, in run', 'app.JobFailed: no a']; // prettier-ignore
  const head = '2026-01-02 10:00:00 ERROR:root:Traceback (most recent call last):';
  const reader = traceReader(head);
  assert.equal(trace.flatMap((line) => reader.add(line)), trace.slice(1)); // prettier-ignore
  const begins = 'Traceback (most recent call last):';
  const between = ['', 'During handling of the above exception, another exception occurred:', ''];
  assert.equal(read([begins, trace[0]!, "KeyError: 'a'", ...between, begins, ...trace]), [trace[0], "KeyError: 'a'", ...trace.slice(1)]); // prettier-ignore
  assert.equal(read([`  + Exception Group ${begins}`, `  | ${trace[1]!}`, '  | ExceptionGroup: two (2 sub-exceptions)']), [trace[1], 'ExceptionGroup: two (2 sub-exceptions)']); // prettier-ignore
});

test('traces of Rust and Ruby, causes of Node, and what PostgreSQL says of an error', () => {
  const rust = traceReader("2026-01-02 10:00:00 ERROR thread 'main' panicked at src/main.rs:4:5:");
  assert.equal(['out of bounds', 'stack backtrace:', '   0: rust_begin_unwind', '             at /rustc/90b/library/std/src/panicking.rs:645:5', '   1: core::panic', '   2: app::serve'].flatMap((line) => rust.add(line)), ['out of bounds', '   2: app::serve']); // prettier-ignore
  assert.equal(read(['NoMethodError (undefined method `a\' for nil):', '  ', "app/models/user.rb:12:in `name'"]), ['NoMethodError (undefined method `a\' for nil):', "app/models/user.rb:12:in `name'"]); // prettier-ignore
  assert.equal(read(['Error: a', '    at f (/app/a.js:1:2) {', '  [cause]: TypeError: b', '      at g (/app/b.js:1:2)']), ['Error: a', '    at f (/app/a.js:1:2) {', '  [cause]: TypeError: b', '      at g (/app/b.js:1:2)']); // prettier-ignore
  assert.equal(read(['DETAIL:  Key (id)=(7) exists.', 'STATEMENT:  INSERT']), ['DETAIL:  Key (id)=(7) exists.', 'STATEMENT:  INSERT']); // prettier-ignore
});

test('traces of Node, Go and .NET; where all frames are foreign, the first one of a cause that another follows', () => {
  assert.equal(read(['TypeError [ERR_X]: x is null', '    at node:internal/timers:5:1', '    at run (/app/a.js:3:7)']), ['TypeError [ERR_X]: x is null', '    at run (/app/a.js:3:7)']); // prettier-ignore
  assert.equal(read(['panic: gone', '', 'goroutine 1 [running]:', 'main.main()', '\t/srv/a/main.go:12 +0x1d']), ['panic: gone', '\t/srv/a/main.go:12 +0x1d']); // prettier-ignore
  assert.equal(read(['System.IO.IOException: full', '   at System.IO.File.Open(String a)', '   at Acme.Store.Put(Item i)']), ['System.IO.IOException: full', '   at Acme.Store.Put(Item i)']); // prettier-ignore
  assert.equal(read(['java.lang.Error: a', '\tat java.util.A.b(A.java:1)', 'Caused by: java.lang.Error: c']), ['java.lang.Error: a', '\tat java.util.A.b(A.java:1)', 'Caused by: java.lang.Error: c']); // prettier-ignore
});

test('the console of .NET and reports of Erlang: what is behind their head, which is a name alone', () => {
  const after = (head: string, lines: readonly string[]): string[] => {
    const reader = traceReader(head);
    return lines.flatMap((line) => reader.add(line));
  };
  const failed = ['      order 7 failed', '      System.IO.IOException: full', '         at System.IO.File.Open(String a)', '         at Acme.Store.Put(Item i)']; // prettier-ignore
  const shown = ['order 7 failed', 'System.IO.IOException: full', '   at Acme.Store.Put(Item i)'];
  assert.equal(after('fail: Acme.Orders[7]', failed), shown);
  assert.equal(after('2026-01-02 10:00:00 crit: Acme.Orders[7]', failed), shown);
  assert.equal(after('order [7]', failed.slice(0, 1)), []);
  assert.equal(after('=ERROR REPORT==== 2-Jan-2026::10:00:00 ===', ['** Generic server a terminating', '** Last message']), ['** Generic server a terminating']); // prettier-ignore
  assert.equal(after('GenServer A terminating', ['** (KeyError) no a', '    (stdlib 5.0) gen_server.erl:1: x', '    (app 0.1.0) lib/app.ex:12: App.call/3']), ['** (KeyError) no a', '    (app 0.1.0) lib/app.ex:12: App.call/3']); // prettier-ignore
});

test('traces of Julia, Lua, Swift, Haskell, OCaml, Dart, Perl and Linux', () => {
  for (const [lines, shown] of [
    [
      ['ERROR: boom', 'Stacktrace:', '  [1] f(a)', '    @ Base ./a.jl:3', '  [2] g', '    @ Main /srv/a.jl:3'],
      [0, 5],
    ],
    [
      ['ERROR: boom', 'stack traceback:', '\t[C]: in function', '\ta.lua:3: in main chunk'],
      [0, 3],
    ],
    [
      [
        'a.swift:4: Fatal error: gone',
        '0 f() + 3 in libswiftCore.so at /b.swift:3:1',
        '1 g() + 3 in a at /srv/a.swift:3:1',
      ],
      [0, 2],
    ],
    [
      ['Uncaught boom', 'CallStack (from HasCallStack):', '  error, called at a.hs:3:5 in main:Main'],
      [0, 2],
    ],
    [
      [
        'Fatal error: exception Not_found',
        'Raised at Stdlib.find in file "a.ml", line 5',
        'Called from Main in file "m.ml", line 3',
      ],
      [0, 2],
    ],
    [
      [
        'Unhandled exception:',
        'gone',
        '#0      List.first (dart:core/a.dart:3:5)',
        '#1      main (file:///srv/a.dart:3:5)',
      ],
      [0, 1, 3],
    ],
    [
      ['Error in f : boom', "\tmain::run('x') called at /srv/a.pl line 20"],
      [0, 1],
    ],
    [
      ['BUG: kernel NULL pointer dereference', 'PGD 0', 'RIP: 0010:f+0x1a/0x40 [mod]', 'Call Trace:'],
      [0, 2],
    ],
  ] as const) {
    assert.equal(
      read(lines),
      shown.map((i) => lines[i]!),
      lines[0],
    );
  }
});

test('at most eight lines of a trace are shown, and each is cut', () => {
  const lines = Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? `Caused by: a.B: ${'x'.repeat(1000)}` : `\tat c.D.e(D.java:${i})`)); // prettier-ignore
  const shown = read(lines);
  assert.is(shown.length, 8);
  assert.ok(shown.every((line) => line.length <= 401));
  const text = traceText([`a.B: \u001b[31m${'y'.repeat(400)}`, '\tat c.D.e(D.java:1)'], 40);
  assert.ok(text.split('\n').every((row) => row.length <= 40), text); // prettier-ignore
  assert.is(text.split('\n').length, 6);
  assert.ok(!text.includes('\u001b') && text.includes('\\u001b[31m') && text.includes('…'));
});

test('lines of a trace come with the line by which they are known: of an alarm before, at or after it', async () => {
  const lines = ['E failed', 'a.BError: gone', '\tat java.util.X.y(X.java:1)', '\tat a.C.d(C.java:2)', 'I next'];
  const traces = async (at: number | undefined, count = 1): Promise<unknown[]> => {
    const scored = lines.map((line, i) => ({ ...of(line, i + 1, i < 4 ? 1 : 5), ...(i === at && { alarm: { ...alarm, count } }) })); // prettier-ignore
    const result = await lastValueFrom(from(scored).pipe(withTraces(), toArray()));
    return result.map(({ head, trace }) => (head === undefined ? (trace ?? 0) : [head, trace]));
  };
  assert.equal(await traces(0), [0, ['a.BError: gone'], 0, ['\tat a.C.d(C.java:2)'], 0]);
  assert.equal(await traces(2), [0, 0, ['E failed', ['a.BError: gone']], ['\tat a.C.d(C.java:2)'], 0]);
  assert.equal(await traces(4), [0, 0, 0, 0, 0]);
  assert.equal(await traces(0, 2), [0, 0, 0, 0, 0], 'an alarm that is folded');
});

test('traces of two containers that come at once stay apart, as they were written', async () => {
  const row = (text: string, number: number, record: number): Scored => ({
    ...of(`web-${record} | ${text}`, number, record),
    text,
  });
  const lines = [
    row('E failed', 1, 1),
    row('I begun', 2, 2),
    { ...row('a.BError: gone', 3, 1), alarm },
    { ...row('c.DError: full', 4, 2), alarm },
    row('\tat a.C.d(C.java:2)', 5, 1),
    row('\tat c.E.f(E.java:3)', 6, 2),
  ];
  const result = await lastValueFrom(from(lines).pipe(withTraces(), toArray()));
  assert.equal(
    result.map(({ head, trace, traceOf }) => [head, trace, traceOf]),
    [
      [undefined, undefined, undefined],
      [undefined, undefined, undefined],
      ['web-1 | E failed', undefined, undefined],
      ['web-2 | I begun', undefined, undefined],
      [undefined, ['\tat a.C.d(C.java:2)'], 3],
      [undefined, ['\tat c.E.f(E.java:3)'], 4],
    ],
  );
});

test('alarms of two containers whose traces come at once are each posted with their own, when their records have ended', () => {
  const posted: [string, unknown][] = [];
  const hook = { post: (id: string, event: object) => void posted.push([id, (event as Scored).trace]) };
  const events = alarmEvents(hook as unknown as Webhook, 'app.log');
  const row = (origin: string, number: number, record: number, more: Partial<Scored>): Scored => ({ ...of('x', number, record), origin, ...more }); // prettier-ignore
  events.add(row('web', 1, 1, { alarm }), 'a');
  events.add(row('job', 2, 2, { alarm }), 'b');
  for (let i = 0; i < 3; i++) {
    events.add(row('web', 3 + 2 * i, 1, { trace: [`web ${i}`] }), '');
    events.add(row('job', 4 + 2 * i, 2, { trace: [`job ${i}`] }), '');
  }
  for (let i = 0; i < 11; i++) events.add(row('job', 20 + i, 20 + i, {}), '');
  assert.equal(posted, [['b', ['job 0', 'job 1', 'job 2']]]);
  events.release();
  assert.equal(posted.slice(1), [['a', ['web 0', 'web 1', 'web 2']]]);
  for (let i = 0; i < 100; i++) events.add(row(`c-${i}`, 40 + i, 40 + i, { alarm }), `${i}`);
  assert.is(posted.length, 2 + 100 - 64, 'those that wait are bounded');
});

test('a trace inside a line of JSON, once; one that is cut or deep is passed over', async () => {
  const stack = 'Error: boom\n    at node:internal/a:1\n    at f (/app/b.js:2:3)';
  const json = async (line: string): Promise<Scored> =>
    lastValueFrom(from([{ ...of(line, 1, 1), alarm }]).pipe(withTraces()));
  const line = JSON.stringify({ msg: 'boom', err: { stack }, stack });
  assert.equal((await json(line)).trace, ['Error: boom', '    at f (/app/b.js:2:3)']);
  assert.is((await json(line.slice(0, 60))).trace, undefined);
  assert.is((await json(`${'{"a":'.repeat(9)}${JSON.stringify(stack)}${'}'.repeat(9)}`)).trace, undefined);
});

test('an alarm for people has the head of its record and what the trace says, within the columns', () => {
  const scored = { ...of('java.io.IOException: gone', 8, 7), alarm, head: '10:00:00 ERROR gave up', trace: ['\tat a.B.c(B.java:3)'] }; // prettier-ignore
  const rows = alarmText(scored, { columns: 60, colours: false }).split('\n');
  assert.equal(rows.slice(1), ['  10:00:00 ERROR gave up', '  java.io.IOException: gone', '    at a.B.c(B.java:3)']);
});

test('on a narrow terminal an alarm is wrapped, the head of its record and its trace too, and nothing of them is cut', () => {
  const head = '2026-01-02 10:00:00 ERROR the payment of order 1812 could not be completed since the account is locked';
  const trace = [
    'org.postgresql.util.PSQLException: ERROR: duplicate key value violates unique constraint "users_email_key"',
  ];
  const text = alarmText({ ...of(`Suppressed: ${head}`, 8, 7), alarm, head, trace }, { columns: 40, colours: false });
  const rows = text.split('\n');
  assert.ok(rows.every((row) => row.length <= 40), text); // prettier-ignore
  assert.ok(!text.includes('…'), text);
  const whole = rows.map((row) => row.trim()).join(' ');
  for (const line of [` ${head} `, `Suppressed: ${head}`, trace[0]!]) assert.ok(whole.includes(line), whole);
});

const placed = (lines: readonly string[]): PlacedLine[] =>
  lines.map((line, i) => ({ line, place: { inode: '1', offset: i, head: '', modified: 0 } }));

test('entries of journald’s export format become lines of JSON, with the place behind each', async () => {
  const entries = ['__CURSOR=a', 'PRIORITY=3', 'MESSAGE', '\u0007\0\0\0\0\0\0\0one', 'two', '', '', '__CURSOR=b', 'MESSAGE', '', '\0\0\0\0\0\0\0x\tyyyyyyyy', '', '__CURSOR=c', 'MESSAGE=d=e']; // prettier-ignore
  const result = await lastValueFrom(from(placed(entries)).pipe(journalEntries(), toArray()));
  assert.equal(
    result.map(({ line, place }) => [JSON.parse(line) as unknown, place!.offset]),
    [
      [{ __CURSOR: 'a', PRIORITY: '3', MESSAGE: 'one\ntwo' }, 5],
      [{ __CURSOR: 'b', MESSAGE: 'x\tyyyyyyyy' }, 11],
      [{ __CURSOR: 'c', MESSAGE: 'd=e' }, 13],
    ],
  );
  const other = placed(['', 'a', '__CURSOR=b', '']);
  assert.equal(await lastValueFrom(from(other).pipe(journalEntries(), toArray())), other);
  const long = placed(['__CURSOR=a', ...Array.from({ length: 5000 }, (_, i) => `F${i}=${'x'.repeat(1000)}`), '']);
  const [entry] = await lastValueFrom(from(long).pipe(journalEntries(), toArray()));
  assert.ok(entry!.line.length < 100_000);
});

const BINARY = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

/** Entries of a journal as `journalctl -o export` writes them, in lines as they are read. */
const exported = (entries: readonly Readonly<Record<string, string | Buffer>>[]): PlacedLine[] => {
  const fields = (entry: Readonly<Record<string, string | Buffer>>): Buffer[] =>
    Object.entries(entry).flatMap(([name, value]) => {
      if (typeof value === 'string' && !value.includes('\n')) return [Buffer.from(`${name}=${value}\n`)];
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(Buffer.byteLength(value)));
      return [Buffer.from(`${name}\n`), length, Buffer.from(value as string), Buffer.from('\n')];
    });
  const bytes = Buffer.concat(entries.flatMap((entry) => [...fields(entry), Buffer.from('\n')]));
  return placed(
    keepInvalid(bytes)
      .split(/\r\n|\r|\n/)
      .slice(0, -1),
  );
};
const entriesOf = async (lines: readonly PlacedLine[]): Promise<unknown[]> => {
  const result = await lastValueFrom(from(lines).pipe(journalEntries(), toArray()));
  return result.map(({ line }) => JSON.parse(line) as unknown);
};

test('within the length of a value nothing ends an entry, and nothing is a field', async () => {
  const forged = 'x\n\n__CURSOR=z\nPRIORITY=0\nMESSAGE=forged\nMESSAGE\n\n_PID=1\ny';
  const entries = ['', 'é日\u{1f600}', 'v'.repeat(200), 'w'.repeat(2500), 'w'.repeat(33_000)].flatMap((text, i) => [
    { __CURSOR: `${2 * i}`, MESSAGE: `${forged}${text}`, PRIORITY: '6' },
    { __CURSOR: `${2 * i + 1}`, MESSAGE: 'usual' },
  ]);
  assert.equal(await entriesOf(exported(entries)), entries);
});

test('values of every length end where they do, whatever is in them', async () => {
  const lengths = [...Array.from({ length: 600 }, (_, i) => 2 + i), 2570, 2573, 3328, 16_383, 32_768, 34_242, 49_800];
  const entries = lengths.map((length, i) => ({
    __CURSOR: `${i}`,
    MESSAGE: `\n${length > 20 ? '\n\nPID=7\nPID\n' : ''}${'x'.repeat(length)}`.slice(0, length),
    PID: '1',
  }));
  const read = await entriesOf(exported(entries));
  assert.is(read.length, entries.length);
  for (const [i, entry] of entries.entries()) assert.equal(read[i], entry, `${lengths[i]}`);
});

test('bytes that are not UTF-8 are counted, and replaced', async () => {
  const dump = (length: number): Buffer => Buffer.concat([BINARY, Buffer.from('\n'.repeat(length - 256))]);
  const entries = [300, 511, 900].flatMap((length, i) => [
    { __CURSOR: `${2 * i}`, COREDUMP: dump(length), PRIORITY: '3' },
    { __CURSOR: `${2 * i + 1}`, MESSAGE: 'usual' },
  ]);
  const read = (await entriesOf(exported(entries))) as Record<string, string>[];
  assert.equal(read.map(({ __CURSOR, PRIORITY }) => [__CURSOR, PRIORITY]), entries.map(({ __CURSOR, PRIORITY }) => [__CURSOR, PRIORITY])); // prettier-ignore
  assert.ok(read[0]!['COREDUMP']!.includes('\u007f' + '\ufffd'.repeat(128)));
  assert.not.match(JSON.stringify(read), /\\udc/);
  const other = placed(['a', 'b\udc80\udcff']);
  const passed = await lastValueFrom(from(other).pipe(journalEntries(), toArray()));
  assert.equal(passed.map(({ line }) => line), ['a', 'b\ufffd\ufffd']); // prettier-ignore
});

test('an entry that was cut off within its length ends at the next cursor', async () => {
  for (const cut of [['MESSAGE'], ['MESSAGE', ''], ['MESSAGE', 'no length']]) {
    const lines = placed(['__CURSOR=a', 'PRIORITY=3', ...cut, '__CURSOR=b', 'MESSAGE=c', '']);
    assert.equal(await entriesOf(lines), [{ __CURSOR: 'a', PRIORITY: '3' }, { __CURSOR: 'b', MESSAGE: 'c' }]); // prettier-ignore
  }
});

for (const [what, lines, said] of [
  [
    'gzip',
    ['\u001f\ufffd\b\b\ufffd\u0003\ufffd\ufffd\ufffd\u0001\u0002'],
    /^a\.log is compressed by gzip: gunzip -c FILE \| … reads it; its lines/,
  ],
  ['zstd', ['(\ufffd/\ufffd\u0004\ufffd\ufffd\u0001\0\0\0\0'], /^a\.log is compressed by zstd/],
  ['UTF-16', ['\ufffd\ufffdi\0n\0f\0o\0', '\0o\0k\0a\0y\0'], /^a\.log is UTF-16: iconv/],
  [
    'a program',
    ['\u007fELF\u0002\u0001\u0001\0\0\0\0\0\0\0\0', 'x'],
    /^a\.log is not text, or not in UTF-8; its lines are/,
  ],
  ['text', ['\u001b[31mred\u001b[0m\ttab', 'naïve 日本 \ufffd', '\0 a few controls in a line that is long enough to be one of text \u0001\u0002'], undefined], // prettier-ignore
] as const) {
  test(`what is not text is said once: ${what}`, async () => {
    const heard: string[] = [];
    const many = placed(Array.from({ length: 50 }, () => lines).flat());
    const passed = await lastValueFrom(from(many).pipe(warnOfBinary('a.log', (text) => heard.push(text)), toArray())); // prettier-ignore
    assert.equal(passed, many);
    assert.is(heard.length, said ? 1 : 0, heard.join());
    if (said) assert.match(heard[0]!, said);
  });
}

test.run();
