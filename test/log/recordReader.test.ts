import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { concat, from, lastValueFrom, type Observable, of, tap, throwError, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type LogLine, logRecords, recordReader } from '../../src/index.js';
import { ROOT } from '../support/programOf.js';

const at = (text: string): number => Date.parse(text);

const LINES = [
  [
    'Dec 10 06:55:46 LabSZ sshd[24200]: Invalid user webmaster from 173.234.31.186',
    { format: 'syslog3164', time: at('2000-12-10T06:55:46Z'), component: 'sshd', severity: null },
  ],
  [
    '<11>Jun 14 15:16:01 combo sshd(pam_unix)[19939]: check pass; user unknown',
    { format: 'syslog3164', severity: 'error', component: 'sshd(pam_unix)', message: 'check pass; user unknown' },
  ],
  [
    '<165>1 2003-10-11T22:14:15.003Z host evntslog - ID47 [ex@1 iut="3" s="A \\"b\\""] An application event',
    {
      format: 'syslog5424',
      severity: 'notice',
      time: at('2003-10-11T22:14:15.003Z'),
      component: 'evntslog',
      message: 'An application event',
    },
  ],
  [
    '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif?x=1 HTTP/1.0" 500 2326 "http://a" "Mozilla"',
    {
      format: 'access',
      severity: 'error',
      time: at('2000-10-10T20:55:36Z'),
      message: '500 GET /a.gif HTTP/1.0',
      fields: [
        ['client', '127.0.0.1'],
        ['size', '2326'],
        ['user', 'frank'],
        ['query', 'x=1'],
        ['referrer', 'http://a'],
        ['agent', 'Mozilla'],
      ],
    },
  ],
  [
    'time=2024-01-01T10:00:00+02:00 level=warn msg="took \\"long\\"" duration=3s',
    {
      format: 'logfmt',
      severity: 'warn',
      time: at('2024-01-01T08:00:00Z'),
      message: 'took "long"',
      fields: [['duration', '3s']],
    },
  ],
  [
    '{"level":30,"time":1531171074631,"pid":657,"msg":"hello","request":{"id":1,"tags":["a"]}}',
    {
      format: 'json',
      severity: 'info',
      time: 1531171074631,
      message: 'hello',
      fields: [
        ['pid', '657'],
        ['request.id', '1'],
        ['request.tags', '["a"]'],
      ],
    },
  ],
  [
    '{"MESSAGE":"x","PRIORITY":"3","SYSLOG_IDENTIFIER":"sshd","__REALTIME_TIMESTAMP":"1544712660300000"}',
    { format: 'json', severity: 'error', component: 'sshd', time: 1544712660300, message: 'x' },
  ],
  [
    '{"log":"2024-05-01 10:00:00 ERROR [main] db.Pool: gave up\\n","stream":"stderr","time":"2024-05-01T10:00:00.1Z"}',
    { format: 'json', severity: 'error', component: 'db.Pool', message: 'gave up', time: at('2024-05-01T10:00:00.1Z') },
  ],
  [
    '{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"my"}}]},"scopeLogs":[{"logRecords":[{"timeUnixNano":"1544712660300000000","severityNumber":17,"body":{"stringValue":"Example"}}]}]}]}',
    { format: 'otlp', severity: 'error', component: 'my', time: 1544712660300, message: 'Example' },
  ],
  [
    '2015-07-29 17:41:44,747 - WARN  [SendWorker:188@688] - Send worker leaving thread',
    {
      format: 'plain',
      severity: 'warn',
      time: at('2015-07-29T17:41:44.747Z'),
      message: 'Send worker leaving thread',
      fields: [['thread', 'SendWorker:188@688']],
    },
  ],
  [
    '081109 203615 148 INFO dfs.DataNode$PacketResponder: terminating',
    { severity: 'info', component: 'dfs.DataNode$PacketResponder', time: at('2008-11-09T20:36:15Z') },
  ],
  [
    '2026-01-02 03:04:05,120 INFO  [exec-3] com.acme.web.Orders - order 812 accepted',
    {
      severity: 'info',
      component: 'com.acme.web.Orders',
      message: 'order 812 accepted',
      fields: [['thread', 'exec-3']],
    },
  ],
  [
    '2026-01-02T03:04:05.120Z [accounts] info: user 812 signed in',
    { severity: 'info', message: 'user 812 signed in', fields: [['thread', 'accounts']] },
  ],
  ['{"MESSAGE":[27,91,51,49,109,120,10],"PRIORITY":"2"}', { severity: 'critical', message: 'x' }],
  ['{"level":50,"msg":"\\u001b[31mred\\u001b[39m"}', { severity: 'error', message: 'red' }],
  ['17/06/09 20:10:40 INFO executor.Backend: ok', { severity: 'info', time: at('2017-06-09T20:10:40Z') }],
  [
    '[Sun Dec 04 04:47:44 2005] [error] mod_jk',
    { severity: 'error', time: at('2005-12-04T04:47:44Z'), message: 'mod_jk' },
  ],
  ['20171223-22:15:9:606|Step_LSC|30|onStand 3', { component: 'Step_LSC', time: at('2017-12-23T22:15:09.606Z') }],
  ['03-17 16:13:38.811  1702  2395 D WindowManager: print', { severity: 'debug', component: 'WindowManager' }],
  ['I0519 12:00:00.123456   17 foo.go:12] hello', { time: at('2000-05-19T12:00:00.123Z') }],
  [
    'E1120 06:54:27.822133       1 controller.go:114] failed',
    {
      format: 'plain',
      severity: 'error',
      component: 'controller.go',
      message: 'failed',
      fields: [
        ['thread', '1'],
        ['line', '114'],
      ],
    },
  ],
  ['W1120 06:54:27.822133 1 a.go:1] slow', { severity: 'warn', component: 'a.go', message: 'slow' }],
  [
    '2026-01-02 03:04:05,120 - shop.db - ERROR - pool is exhausted',
    { severity: 'error', component: 'shop.db', message: 'pool is exhausted', fields: [] },
  ],
  ['2026-01-02 03:04:05,120 - root - WARNING - a: b', { severity: 'warn', component: 'root', message: 'a: b' }],
  ['2026-01-02 03:04:05,120 | shop | INFO | ok', { severity: 'info', component: 'shop', message: 'ok' }],
  [
    '[2026-01-02 03:04:05,120] [shop.db] [ERROR] gone',
    { severity: 'error', component: 'shop.db', message: 'gone', fields: [] },
  ],
  ['2026-01-02 03:04:05,120 - [shop] - [ERROR] - gone', { severity: 'error', component: 'shop', message: 'gone' }],
  ['2026-01-02 03:04:05,120 - shop - [CRITICAL] - x', { severity: 'critical', component: 'shop', message: 'x' }],
  ['2026-01-02 03:04:05,120 - shop - said - more', { severity: null, message: 'shop - said - more' }],
  ['error: connection lost', { format: 'plain', severity: 'error', component: '', message: 'connection lost' }],
  ['errors: 3', { severity: null, message: 'errors: 3' }],
  ['Dec 10 06:55:46 db1 app[1]: ERROR failed', { severity: 'error', component: 'app', message: 'failed' }],
  ['<30>Dec 10 06:55:46 db1 app[1]: [WARN]: slow', { format: 'syslog3164', severity: 'warn', message: 'slow' }],
  ['<10>Dec 10 06:55:46 db1 app[1]: INFO x', { severity: 'critical', message: 'INFO x' }],
  ['Dec 10 06:55:46 db1 app[1]: ERRORS failed', { severity: null, message: 'ERRORS failed' }],
  [
    '2026-11-20T06:54:27.822133Z ERROR my_crate::db: failed',
    {
      format: 'plain',
      severity: 'error',
      component: 'my_crate::db',
      message: 'failed',
      time: at('2026-11-20T06:54:27.822Z'),
    },
  ],
  ['2026-11-20T06:54:27.822133Z  INFO my_crate: ok', { severity: 'info', component: 'my_crate', message: 'ok' }],
  ['2009/11/10 23:00:00 hello', { time: at('2009-11-10T23:00:00Z'), message: 'hello' }],
  ['[10.30 16:49:06] chrome.exe - open', { time: at('2000-10-30T16:49:06Z'), message: 'chrome.exe - open' }],
  ['- 1117838570 2005.06.03 R02 KERNEL', { time: 1117838570000 }],
  ['03/02/2026 06:00:29 AM up', { time: at('2026-03-02T06:00:29Z'), message: 'up' }],
  ['3/2/2026, 6:00:29 PM up', { time: at('2026-03-02T18:00:29Z') }],
  ['13/02/2026 06:00:29 up', { time: at('2026-02-13T06:00:29Z') }],
  ['02.03.2026 06:00:29 up', { time: at('2026-03-02T06:00:29Z'), message: 'up' }],
  ['260302  6:00:29 [Note] up', { time: at('2026-03-02T06:00:29Z'), severity: 'info', message: 'up' }],
  ['2026年3月2日 06:00:29 up', { time: at('2026-03-02T06:00:29Z'), message: 'up' }],
  ['Mar 2, 2026, 6:00:29\u202fPM a.B up', { time: at('2026-03-02T18:00:29Z'), message: 'a.B up' }],
  ['Mon, 02 Mar 2026 06:00:29 +0100 up', { time: at('2026-03-02T05:00:29Z'), message: 'up' }],
  ['2 марта 2026 06:00:29 up', { time: at('2026-03-02T06:00:29Z'), message: 'up' }],
  ['févr. 02 06:00:29 db1 app[1]: up', { format: 'syslog3164', time: at('2000-02-02T06:00:29Z'), component: 'app' }],
  ['[3/2/26 6:00:29:123 CET] 00000001 up', { time: at('2026-03-02T06:00:29.123Z'), message: 'up' }],
  ['20260302T060029+0100 up', { time: at('2026-03-02T05:00:29Z'), message: 'up' }],
  ['2026-03-02\t06:00:29\tGET', { time: at('2026-03-02T06:00:29Z') }],
  ['1772431229123456 up', { time: 1772431229123, message: 'up' }],
  ['[   12.345678] usb up', { time: null }],
  ['[Mon Mar 02 06:00:29.1 2026] [ssl:error] [pid 1] gone', { severity: 'error', component: 'ssl', message: 'gone' }],
  [
    'F, [2026-03-02T06:00:29.123456 #7] FATAL -- web: gone',
    { severity: 'critical', component: 'web', message: 'gone' },
  ],
  ['2026-03-02 06:00:29,web1,Critical,gone', { severity: 'critical' }],
  ['Error\t3/2/2026 6:00:29 AM\tDisk\t51', { severity: 'error' }],
  ['2026-03-02 06:00:29 [ОШИБКА] gone', { severity: 'error', message: 'gone' }],
  ['2026-03-02 06:00:29 【警告】gone', { severity: 'warn', message: 'gone' }],
  ['2026-03-02 06:00:29 FEHLER: gone', { severity: 'error', message: 'gone' }],
  ['2026-03-02 06:00:29.1 CET [105] u@db ERREUR:  gone', { severity: 'error', message: 'gone' }],
  ['Mar  2 06:00:29 db1 daemon.err app[1]: gone', { format: 'syslog3164', severity: 'error', component: 'app' }],
  ['<3>gone', { severity: 'error', message: 'gone' }],
  ['fail: A.B[0]', { severity: 'error', message: 'A.B[0]' }],
  ['[06:00:29 ERR] gone', { severity: 'error', message: 'gone' }],
  ['[Nest] 1  - 03/02/2026, 6:00:29 AM   ERROR [X] gone', { severity: 'error' }],
  ['2026-03-02T06:00:29.1+0000 E  NETWORK  [c1] gone', { severity: 'error' }],
  ['Mar  2 06:00:29 sw1 29: %LINK-3-UPDOWN: gone', { severity: 'error' }],
  ['lvl=eror msg=gone a=b', { severity: 'error' }],
  ['2026-03-02 06:00:29 no error found', { severity: null, message: 'no error found' }],
  ['2026-03-02 06:00:29 no ERROR found', { severity: null }],
  ['2026-03-02 06:00:29 failed, retry, error', { severity: null }],
  ['2026-03-02 06:00:29 Error rate is 3', { severity: null }],
  [
    '1117838976 2005.06.03 R02-M1-N0-C:J12-U11 2005-06-03-15.49.36.156884 R02-M1-N0-C:J12-U11 RAS KERNEL FATAL data TLB error',
    {
      severity: 'critical',
      message:
        '2005.06.03 R02-M1-N0-C:J12-U11 2005-06-03-15.49.36.156884 R02-M1-N0-C:J12-U11 RAS KERNEL FATAL data TLB error',
    },
  ],
  [
    '- 1117838976 n17 NULL MMCS WARNING lost a card',
    { severity: 'warn', message: 'n17 NULL MMCS WARNING lost a card' },
  ],
  ['web.log.1 2026-03-02 06:00:29.500 2931 INFO web.api [req-7] ok', { severity: 'info' }],
  ['2026-03-02 06:00:29 n-17 [7:3] db/main ERROR gone away', { severity: 'error' }],
  ['2026-03-02 06:00:29 n17 RAS INFO CE sym 2', { severity: 'info' }],
  ['2026-03-02 06:00:29 n17 IO FATAL lost a card', { severity: 'critical' }],
  ['2026-03-02 06:00:29 n17 saw ERROR in x', { severity: null }],
  ['2026-03-02 06:00:29 SCAN FOUND NO ERROR in x', { severity: null }],
  ['2026-03-02 06:00:29 SELF TEST ERROR COUNT 0', { severity: null }],
  ['2026-03-02 06:00:29 POST TEST FAILED at x', { severity: null }],
  ['2026-03-02 06:00:29 n17 db/main [ERROR] gone away', { severity: 'error' }],
  ['2026-03-02 06:00:29 n17 RAS ERROR: DISK GONE', { severity: 'error' }],
  ['2024-13-45 10:00:00 not a date', { time: null }],
  ['2024-02-31 10:00:00 not a date', { time: null }],
  ['2023-02-29 10:00:00 not a date', { time: null }],
  ['2100-02-29 10:00:00 not a date', { time: null }],
  ['2023-04-31 10:00:00 not a date', { time: null }],
  ['2024-02-29 10:00:00 a leap day', { time: at('2024-02-29T10:00:00Z') }],
  ['2000-02-29 10:00:00 a leap day', { time: at('2000-02-29T10:00:00Z') }],
  ['Feb 29 10:00:00 host p: a leap day, perhaps', { time: at('2000-02-29T10:00:00Z') }],
  ['12:30:01 tick', { time: ((12 * 60 + 30) * 60 + 1) * 1000, message: 'tick' }],
  ['no time at all: 1 {', { format: 'plain', time: null, severity: null, message: 'no time at all: 1 {' }],
  ['{"broken": ', { format: 'plain' }],
  ['[]', { format: 'plain', message: '[]' }],
  ['\u001b[32minfo\u001b[39m: started', { line: 'info: started', severity: 'info', message: 'started' }],
  ['', { format: 'plain', message: '', continues: false }],
  [
    '2026-11-03T06:00:00.123456789Z stdout F {"level":"error","ts":1,"logger":"proxy","msg":"gone"}',
    { format: 'json', severity: 'error', component: 'proxy', message: 'gone', time: at('2026-11-03T06:00:00.123Z') },
  ],
  [
    '2026-11-03T06:00:00.1Z stderr F \tat a.B.c(B.java:1)',
    { source: 'stderr', text: '\tat a.B.c(B.java:1)', time: at('2026-11-03T06:00:00.1Z') },
  ],
  [
    '\u001b[36mweb-1     | \u001b[0m\u001b[31mERROR\u001b[0m gone',
    { source: 'web-1', component: 'web-1', severity: 'error', message: 'gone', line: 'web-1     | ERROR gone' },
  ],
  [
    '10.0.0.9 - - [01/Jan/2026:03:04:05 +0000] "\\x16\\x03\\x01" 400 150 "-" "-"',
    { format: 'access', severity: 'warn', message: '400 \\x', time: at('2026-01-01T03:04:05Z') },
  ],
  ['10.0.0.9 - - [01/Jan/2026:03:04:05 +0000] "" 400 0 "-" "-"', { format: 'access', message: '400 -' }],
  [
    '1:M 01 Jan 2026 03:04:05.250 # Background saving error',
    { format: 'plain', severity: 'warn', message: 'Background saving error', time: at('2026-01-01T03:04:05.25Z') },
  ],
  ['[7] 01 Jan 2026 03:04:05.250 * DB saved', { severity: 'notice', message: 'DB saved' }],
  ['1:M 01 Jan 2026 03:04:05.250 DB saved', { severity: null, time: at('2026-01-01T03:04:05.25Z') }],
  [
    '{"version":"1.1","host":"web1","short_message":"disk full","full_message":"disk full\\n at x","timestamp":1767323045.5,"level":3,"_user":9}',
    { format: 'json', severity: 'error', message: 'disk full', time: at('2026-01-02T03:04:05.5Z') },
  ],
  [
    '{"@timestamp":"2026-01-02T03:04:05Z","log":{"level":"error","logger":"db.Pool","file":"x"},"message":"gave up","ecs":{"version":"8"}}',
    { format: 'json', severity: 'error', component: 'db.Pool', message: 'gave up', time: at('2026-01-02T03:04:05Z') },
  ],
  [
    '{"@timestamp":"2026-01-02T03:04:05Z","log.level":"warn","message":"slow","service.name":"shop"}',
    { format: 'json', severity: 'warn', component: 'shop', message: 'slow' },
  ],
  [
    '{"timestamp":"2026-01-02T03:04:05Z","level":"ERROR","fields":{"message":"gone","id":7},"target":"shop::db"}',
    { format: 'json', severity: 'error', component: 'shop::db', message: 'gone', fields: [['fields.id', '7']] },
  ],
  [
    '{"@t":"2026-01-02T03:04:05Z","@mt":"order {id} failed","@l":"Error","id":7}',
    { format: 'json', severity: 'error', message: 'order {id} failed', time: at('2026-01-02T03:04:05Z') },
  ],
  [
    '{"message":"lost","context":{},"level":400,"level_name":"ERROR","channel":"app","datetime":"2026-01-02T03:04:05+00:00"}',
    { format: 'json', severity: 'error', component: 'app', message: 'lost', time: at('2026-01-02T03:04:05Z') },
  ],
  [
    '{"message":"outer","fields":{"message":"inner"}}',
    { format: 'json', message: 'outer', fields: [['fields.message', 'inner']] },
  ],
  ['web-1 | {"level":30,"msg":"hello"}', { format: 'json', severity: 'info', message: 'hello', source: 'web-1' }],
  [
    '[pod/orders-7d9f-abc/app] 2026-11-03T06:00:00Z WARN slow',
    {
      source: 'orders-7d9f-abc/app',
      component: 'app',
      severity: 'warn',
      message: 'slow',
      time: at('2026-11-03T06:00:00Z'),
    },
  ],
  [
    '{"log":"{\\"level\\":\\"warn\\",\\"msg\\":\\"slow\\"}\\n","stream":"stdout","time":"2026-11-03T06:00:00Z"}',
    { format: 'json', severity: 'warn', message: 'slow', text: '{"level":"warn","msg":"slow"}', source: 'stdout' },
  ],
  [
    '2026-11-03T06:00:00.123456789Z {"level":50,"msg":"gone"}',
    { format: 'json', severity: 'error', message: 'gone', source: '', time: at('2026-11-03T06:00:00.123Z') },
  ],
  [
    'web-1 | 2026-11-03T06:00:00.123456789Z {"level":50,"msg":"gone"}',
    { format: 'json', severity: 'error', source: 'web-1', time: at('2026-11-03T06:00:00.123Z') },
  ],
  [
    '2026-11-03T06:00:00Z Caused by: a.BError: gone',
    { format: 'plain', component: '', message: 'Caused by: a.BError: gone' },
  ],
  ['{"log":"a","stream":7}', { format: 'json', message: 'a', source: '' }],
  ['a || b', { source: '', message: 'a || b' }],
  [
    '2026-11-03 06:00:00.123 UTC [105] app@shop FATAL:  the database is starting up',
    { severity: 'critical', message: 'the database is starting up', fields: [['thread', '105']] },
  ],
] as const;

for (const [line, expected] of LINES) {
  test(`reads ${line.slice(0, 60)}`, () => {
    const read = recordReader().read(line);
    assert.equal(pick(read, Object.keys(expected)), expected);
  });
}

test('every form has a line above, and is a choice of surprise --format', () => {
  const forms = [...refusedForms().matchAll(/\w+/g)].map(([form]) => form);
  assert.ok(forms.includes('plain'), String(forms));
  const read: readonly string[] = LINES.flatMap(([, expected]) => ('format' in expected ? [expected.format] : []));
  assert.equal(
    forms.filter((form) => !read.includes(form)),
    [],
  );
  const script = readFileSync(join(ROOT, 'pipelines/surprise.ts'), 'utf8');
  assert.equal(/ format: \{[^}]*choices: \[([^\]]*)\]/.exec(script)?.[1]?.match(/\w+/g), forms);
});

test('a forced format reads all lines by it, and as plain ones what is not of it', () => {
  const reader = recordReader({ format: 'json' });
  assert.is(reader.read('time=1 level=warn msg=a').format, 'plain');
  assert.is(recordReader({ format: 'plain' }).read('{"msg":"a"}').message, '{"msg":"a"}');
  assert.throws(
    () => recordReader({ format: 'yaml' as never }),
    /recordReader: format must be one of json, otlp, logfmt/,
  );
});

const TRACE = [
  '2024-05-01 10:00:00 ERROR gave up',
  'java.io.IOException: gone',
  '\tat db.Pool.take(Pool.java:9)',
  'Caused by: java.net.SocketException: reset',
  '\t... 3 more',
  '2024-05-01 10:00:01 INFO next',
];

test('the lines of a trace join their record', async () => {
  const records = await lastValueFrom(from(TRACE).pipe(logRecords(), toArray()));
  assert.equal(
    records.map(({ number, message, rest }) => [number, message, rest.length]),
    [
      [1, 'gave up', 4],
      [6, 'next', 0],
    ],
  );
  assert.equal(records[0]!.rest, TRACE.slice(1, 5));
});

test('where lines have time stamps, one without continues the record; a first line never does; records are bounded', async () => {
  const stamped = Array.from({ length: 30 }, (_, i) => `2024-05-01 10:00:${10 + i} step ${i}`);
  const lines = ['  first', ...stamped, ...Array.from({ length: 1000 }, () => 'goroutine dump')];
  const records = await lastValueFrom(from(lines).pipe(logRecords(), toArray()));
  assert.is(records[0]!.message, 'first');
  assert.equal(
    records.slice(30).map(({ rest }) => rest.length),
    [499, 499, 0],
  );
});

const JAVA = ['web-1 | java.lang.Error: gone', 'web-1 | \tat a.B.c(B.java:1)', 'web-1 | Caused by: d.E: full'];
const PYTHON = ['job-1 | Traceback (most recent call last):', 'job-1 |   File "a.py", line 1', "job-1 | KeyError: 'b'"];

test('traces of two containers that come at once join the record of their own', async () => {
  const lines = ['web-1 | INFO served', 'job-1 | INFO begun', ...JAVA.flatMap((line, i) => [line, PYTHON[i]!])];
  const records = await lastValueFrom(
    from([...lines, 'db-1 | INFO ok', 'web-1 | INFO next']).pipe(logRecords(), toArray()),
  );
  assert.equal(
    records.map(({ number, rest }) => [number, rest]),
    [
      [1, JAVA],
      [2, PYTHON],
      [9, []],
      [10, []],
    ],
  );
  const reader = recordReader();
  assert.equal(lines.map((line) => reader.read(line).record), [1, 2, 1, 2, 1, 2, 1, 2]); // prettier-ignore
});

test('records of so many containers at once are bounded', async () => {
  const reader = recordReader();
  for (let i = 0; i < 1000; i++) reader.read(`c-${i} | INFO a`);
  assert.is(reader.state().sources.length, 64);
  assert.is(reader.read('c-999 |   more').continues, true);
  assert.is(reader.read('c-0 |   more').continues, false);
  const lines = Array.from({ length: 1000 }, (_, i) => `c-${i} | INFO a`);
  const seen: number[] = [];
  await lastValueFrom(
    from([...lines]).pipe(
      logRecords(),
      tap(({ number }) => seen.push(number)),
    ),
  );
  assert.equal(seen, lines.map((_, i) => i + 1)); // prettier-ignore
});

test('where a program ends without a time stamp a record begins, which its trace continues', () => {
  for (const crash of [
    ['panic: runtime error: index out of range', '', 'goroutine 17 [running]:', 'main.handle(0xc000010000)'],
    ['fatal error: all goroutines are asleep - deadlock!', 'goroutine 1 [chan receive]:'],
    ['Exception in thread "main" java.lang.OutOfMemoryError: heap', '\tat a.B.c(B.java:3)'],
    ["thread 'main' panicked at src/main.rs:4:5:", 'index out of bounds', 'stack backtrace:'],
  ]) {
    const reader = recordReader();
    for (let i = 0; i < 30; i++) reader.read(`2026/01/01 10:00:${10 + i} cache: evicted ${i} keys`);
    const read = crash.map((line) => reader.read(line));
    assert.equal(
      read.map(({ record, continues }) => [record, continues]),
      crash.map((_, i) => [31, i > 0]),
    );
    assert.is(read[0]!.severity, 'critical');
    assert.is(reader.read('2026/01/01 10:01:00 cache: evicted 3 keys').continues, false);
  }
});

const CALM = Array.from({ length: 30 }, (_, i) => `2026-01-01 10:00:${10 + i},250 INFO evicted ${i} keys`);
/** The number of the record of each line, behind usual ones: 1 for the first of these lines. */
const records = (lines: readonly string[], before: readonly string[] = CALM): number[] => {
  const reader = recordReader();
  for (const line of before) reader.read(line);
  return lines.map((line) => reader.read(line).record - before.length);
};
const CHAIN = [
  'Traceback (most recent call last):',
  '  File "/srv/jobs.py", line 31, in run',
  '    d["a"]',
  "KeyError: 'a'",
  '',
  'During handling of the above exception, another exception occurred:',
  '',
  'Traceback (most recent call last):',
  '  File "/srv/jobs.py", line 35, in run',
  'app.JobFailed: no a',
];
const GO = [
  'panic: gone',
  '',
  'goroutine 1 [running]:',
  'main.(*Pool).take(0x0)',
  '\t/srv/a.go:12 +0x1d',
  'main.main()',
];
const RUST = [
  "thread 'main' panicked at src/main.rs:4:5:",
  'out of bounds',
  'stack backtrace:',
  '   0: a::b',
  'note: more',
];
const RUBY = ["NoMethodError (undefined method `a' for nil):", '  ', "app/models/user.rb:12:in `name'"];
const PHP = [
  'PHP Fatal error:  Uncaught Exception: gone',
  'Stack trace:',
  '#0 /srv/a.php(3): f()',
  '#1 {main}',
  '  thrown',
];

const SIGNAL = [
  'panic: runtime error: invalid memory address or nil pointer dereference',
  '[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x47f1a3]',
  '',
  'goroutine 1 [running]:',
  'main.(*Pool).take(...)',
  '\t/srv/a.go:12',
  '...additional frames elided...',
  'exit status 2',
];
const NODE = [
  '/app/x.js:12',
  "    throw new TypeError('x is not a function');",
  '    ^',
  '',
  'TypeError: x is not a function',
  '    at handler (/app/x.js:12:11)',
  '    at Object.<anonymous> (/app/x.js:20:1) {',
  "  code: 'E'",
  '}',
  '',
  'Node.js v20.11.1',
];
const NODE_MODULE = ['file:///app/x.mjs:3', 'const a = b.c;', '            ^', '', "Error [E]: can't", '    at file:///app/x.mjs:3:13']; // prettier-ignore
const ELIXIR = ['GenServer App.Worker terminating', '** (KeyError) key :a not found in: %{}', '    (app 0.1.0) lib/app.ex:12: App.call/3', 'Last message (from #PID<0.123.0>): :get', 'State: %{}']; // prettier-ignore
const SWIFT = ['Fatal error: Index out of range: file A.swift, line 600', 'Current stack trace:', '0    libswiftCore.so         0x00007f0 _swift_fail + 112', '1    app         0x0000561 main + 12']; // prettier-ignore
const DART = ['Unhandled exception:', 'Too few elements', '#0      List.first (dart:core-patch/growable_array.dart:343:5)', '<asynchronous suspension>']; // prettier-ignore
const R = ['Error in f(1) : boom', 'Calls: main -> g -> f', 'Execution halted'];
const PERL = ['Died at /srv/a.pl line 12.', "\tmain::run('x') called at /srv/a.pl line 20"];
const LUA = ['lua: main.lua:3: attempt to index a nil value', 'stack traceback:', "\tmain.lua:3: in function 'f'", '\tmain.lua:7: in main chunk']; // prettier-ignore
const HASKELL = ['app: Prelude.head: empty list', 'CallStack (from HasCallStack):', '  error, called at libraries/base/GHC/List.hs:1646:3']; // prettier-ignore
const OCAML = ['Fatal error: exception Not_found', 'Raised at Stdlib.find in file "hashtbl.ml", line 547, characters 13-28', 'Called from Main in file "main.ml", line 3, characters 2-9']; // prettier-ignore
const ZIG = ['thread 12 panic: index out of bounds', '/srv/main.zig:4:10: 0x1035b0e in main (main)', '    a[i] = 1;', '     ^']; // prettier-ignore
const SANITIZER = ['==12==ERROR: AddressSanitizer: heap-use-after-free on address 0x602', 'READ of size 4 at 0x602 thread T0', '    #0 0x4f5d2a in main /src/a.cc:7:10', '0x602 is located 0 bytes inside of 4-byte region', 'SUMMARY: AddressSanitizer: heap-use-after-free /src/a.cc:7:10 in main', '==12==ABORTING']; // prettier-ignore
const PHP_CHAIN = [
  ...PHP.slice(0, 4),
  '',
  'Next App\\Failed: no in /srv/c.php:9',
  'Stack trace:',
  '#0 {main}',
  '  thrown',
];
const GROUP = ['  + Exception Group Traceback (most recent call last):', '  |   File "/srv/a.py", line 3, in <module>', '  | ExceptionGroup: two (2 sub-exceptions)', '  +-+---------------- 1 ----------------', '    | ValueError: 1', '    +------------------------------------']; // prettier-ignore
const JULIA = ['ERROR: LoadError: BoundsError: attempt to access', 'Stacktrace:', '   @ ./array.jl:924 [inlined]', 'in expression starting at /srv/main.jl:7']; // prettier-ignore
const LUA_C = [
  'lua: a.lua:3: boom',
  'stack traceback:',
  "[C]: in function 'error'",
  "a.lua:3: in function 'f'",
  '\t[C]: in ?',
];
const NGINX_LUA = ['lua entry thread aborted: runtime error: /srv/a.lua:3: boom', 'stack traceback:', 'coroutine 0:', "\t/srv/a.lua: in function 'f'"]; // prettier-ignore
const OOPS = ['BUG: kernel NULL pointer dereference, address: 0000000000000008', '#PF: supervisor read access in kernel mode', 'PGD 0 P4D 0', 'Oops: 0000 [#1] PREEMPT SMP PTI', 'CPU: 1 PID: 123 Comm: kworker/1:1 Not tainted 6.1.0 #1', 'RIP: 0010:f+0x1a/0x40 [mod]', 'RSP: 0018:ffffa EFLAGS: 00010246', 'Call Trace:', ' <TASK>', ' g+0x10/0x20', ' </TASK>', 'Modules linked in: a b c', '---[ end trace 0000000000000000 ]---']; // prettier-ignore
const BUG_REPORT = ['=== REDIS BUG REPORT START: Cut & paste starting from here ===', 'Redis 7.0 crashed by signal: 11', '------ INFO OUTPUT ------', 'redis_version:7.0', '=== REDIS BUG REPORT END. Make sure to include from START to END. ===']; // prettier-ignore
const CLOJURE = [
  'Execution error (ExceptionInfo) at a.core/f (core.clj:3).',
  'boom',
  'Full report at:',
  '/tmp/clojure-1.edn',
];
const CRYSTAL = ['Unhandled exception: boom (Exception)', "  from a.cr:3:3 in 'f'", "  from a.cr:5:1 in 'main'"];
const FORTRAN = ['Program received signal SIGSEGV: Segmentation fault - invalid memory reference.', 'Backtrace for this error:', '#0  0x7f in ???', '#1  0x55 in main']; // prettier-ignore
const GLIBC = ["*** Error in `./a': double free or corruption (fasttop): 0x01 ***", '======= Backtrace: =========', '/lib/libc.so.6(+0x777e5)[0x7f]', '======= Memory map: ========', '00400000-00401000 r-xp 00000000 08:01 1  /srv/a']; // prettier-ignore
const COREDUMP = ['Process 123 (a) of user 0 dumped core.', 'Stack trace of thread 123:', '#0  0x00007f n/a (libc.so.6 + 0x1)', 'ELF object binary architecture: AMD x86-64']; // prettier-ignore
const SWIFT_59 = ['Swift/Array.swift:405: Fatal error: Index out of range', '*** Program crashed: Illegal instruction at 0x00000001a5 ***', 'Thread 0 "a" crashed:', '0               0x00000001 f(_:) + 172 in libswiftCore.dylib', '1               0x00000001 start + 123 in dyld', 'Registers:', 'rax 0x0000000000000001  1', 'Images (23 omitted):', 'Backtrace took 0.02s']; // prettier-ignore
const ERLANG = ['** exception error: bad argument', '     in operator  +/2', '        called as 1 + a'];
const JULIA_MESSAGE = ['ERROR: DomainError with -1.0:', 'sqrt was called with a negative real argument', 'Stacktrace:', '    @ Base.Math ./math.jl:33', 'in expression starting at /srv/a.jl:3']; // prettier-ignore
const DOTNET = ['Unhandled exception. System.Exception: boom', '   at A.B() in /srv/a.cs:line 3', '--- End of stack trace from previous location ---', '   at A.C() in /srv/a.cs:line 5']; // prettier-ignore
const TRACES = { LUA_C, NGINX_LUA, OOPS, BUG_REPORT, CLOJURE, CRYSTAL, FORTRAN, GLIBC, COREDUMP, SWIFT_59, ERLANG, DOTNET, CHAIN, GO, RUST, RUBY, PHP, SIGNAL, NODE, NODE_MODULE, ELIXIR, SWIFT, DART, R, PERL, LUA, HASKELL, OCAML, ZIG, SANITIZER, PHP_CHAIN, GROUP, JULIA }; // prettier-ignore

for (const [what, trace] of Object.entries(TRACES)) {
  test(`a trace is one record in logs without times, behind an error, and with a header in each line: ${what}`, () => {
    const usual = ['WARN: a', 'starting', 'ready'];
    const of = (begin: number): number[] => trace.map(() => begin);
    assert.equal(records([...trace, 'ready', 'steady'], usual).slice(-2), [trace.length + 1, trace.length + 2]);
    assert.equal(records(['2026-01-01 10:01:00,250 ERROR failed', ...trace]).slice(2), of(records(['', trace[0]!])[1] === 1 ? 1 : 2).slice(1)); // prettier-ignore
    for (const header of [
      '2026-01-01 10:01:00,250 ERROR ',
      '2026-01-01 10:01:00 [7] ERROR    ',
      'Jan  1 10:01:00 db1 app[7]: ',
      '[2026-01-01 10:01:00] [error] ',
    ]) {
      const lines = trace.filter((line) => line.trim() !== '').map((line) => header + line);
      const next = header + 'next';
      assert.equal(records([...lines, next]), [...lines.map(() => 1), lines.length + 1], header);
    }
  });
}

test('what Julia throws has its message on a line of its own; frames of Swift have words in brackets', () => {
  assert.equal(records([...JULIA_MESSAGE, 'ready'], ['a']), [1, 1, 1, 1, 1, 6]);
  const frames = SWIFT_59.with(4, '1 [ra] [system] 0x00000001 start + 123 in dyld');
  assert.equal(records([...frames, 'ready'], ['a']), [...frames.map(() => 1), 10]);
  assert.equal(
    records(
      frames.map((line) => `Jan  1 10:01:00 db1 a[7]: ${line}`),
      ['a'],
    ),
    frames.map(() => 1),
  );
});

test('a crash of Linux is one record with the time since it began in each line, and what comes behind is not of it', () => {
  const warning = ['------------[ cut here ]------------', 'WARNING: CPU: 0 PID: 1 at kernel/a.c:12 f+0x1/0x2', 'Call Trace:', ' g+0x1/0x2', '---[ end trace 0 ]---']; // prettier-ignore
  const hung = ['INFO: task kworker/0:1:123 blocked for more than 120 seconds.', '      Not tainted 6.1.0 #1', '"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.', 'Call Trace:', ' f+0x1/0x2']; // prettier-ignore
  for (const header of [
    'Jan  1 10:01:00 db1 kernel: [   12.345678] ',
    '2026-01-01T10:01:00.123456+00:00 db1 kernel: [   12.345678][  T123] ',
    'Jan  1 10:01:00 db1 kernel: ',
    '[Thu Jan  1 10:01:00 2026] ',
    '[   12.345678] ',
    '<4>[   12.345678] ',
  ]) {
    for (const trace of [OOPS, warning, hung]) {
      const lines = [...trace, 'usb 1-1: new device', 'eth0: link is up'].map((line) => header + line);
      assert.equal(records(lines, []), [...trace.map(() => 1), trace.length + 1, trace.length + 2], header + trace[0]!);
    }
    const { severity } = recordReader().read(header + OOPS[0]!);
    assert.is(severity, header.startsWith('<') ? 'warn' : 'critical', header);
  }
});

test('entries of journald that are lines of a trace are one record, by process; other JSON is whole', () => {
  const entry = (pid: number, message: string, of: object = { _PID: String(pid), _HOSTNAME: 'h' }): string =>
    JSON.stringify({ __REALTIME_TIMESTAMP: '1796040000123456', PRIORITY: '6', ...of, MESSAGE: message });
  const lines = CHAIN.slice(0, 4);
  assert.equal(records([...lines.flatMap((line) => [entry(7, line), entry(8, line)]), entry(7, 'next')], []), [1, 2, 1, 2, 1, 2, 1, 2, 9]); // prettier-ignore
  const reader = recordReader();
  const read = lines.map((line) => reader.read(entry(7, line)));
  assert.equal(read.map(({ message }) => message), lines.map((line) => line.trim())); // prettier-ignore
  assert.is(read[1]!.text, lines[1]);
  assert.equal(records(lines.map((line) => entry(7, line, {})), []), [1, 2, 3, 4]); // prettier-ignore
});

test('the report of a crash of Redis is one record to its end, with the lines that have no header', () => {
  const head = '7:M 01 Jan 2026 10:01:00.250 # ';
  const [start, crashed, info, version, end] = BUG_REPORT as [string, string, string, string, string];
  const lines = [head + start, head + crashed, info, version, '', head + end, head + 'Ready', 'bare'];
  assert.equal(records(lines, []), [1, 1, 1, 1, 1, 1, 7, 8]);
  assert.is(recordReader().read(head + start).severity, 'critical');
});

test('a report of Erlang is one record to its empty line; of its new logger the lines of one process that are indented', () => {
  const lines = ['=CRASH REPORT==== 1-Jan-2026::10:01:00.123456 ===', '  crasher:', '    pid: <0.5.0>', '', 'next'];
  assert.equal(records(lines, []), [1, 1, 1, 1, 5]);
  const line = (text: string, pid = 5): string => `2026-01-01 10:01:00.250 [error] <0.${pid}.0> ${text}`;
  assert.equal(records([line('** a terminating'), line('   crasher:'), line('     pid: 1', 6), line('next')], []), [1, 1, 3, 4]); // prettier-ignore
});

test('an exception of Android is one record with the line that announces it', () => {
  const line = (text: string): string => `11-30 12:00:00.123   123   456 E AndroidRuntime: ${text}`;
  const lines = [
    'FATAL EXCEPTION: main',
    'Process: com.a, PID: 123',
    'java.lang.Error: x',
    '\tat a.B.c(B.java:3)',
    'next',
  ];
  assert.equal(records(lines.map(line), []), [1, 1, 1, 1, 5]); // prettier-ignore
});

test('a line that the runtime of a container has parted goes on in the next one', () => {
  const cri = (flag: string, text: string, stream = 'stdout'): string =>
    `2026-11-30T12:00:00.1Z ${stream} ${flag} ${text}`;
  assert.equal(records([cri('P', 'a'), cri('F', 'b', 'stderr'), cri('P', 'ERROR b'), cri('F', 'c'), cri('F', 'd')], []), [1, 2, 1, 1, 5]); // prettier-ignore
  const docker = (log: string): string => JSON.stringify({ log, stream: 'stdout', time: '2026-11-30T12:00:00Z' });
  const long = 'x'.repeat(16_384);
  assert.equal(records([docker(long), docker('INFO end\n'), docker('next\n'), docker('last')], []), [1, 1, 3, 4]);
  const reader = recordReader();
  reader.read(cri('P', 'a'));
  const other = recordReader({ state: JSON.parse(JSON.stringify(reader.state())) as never });
  assert.is(other.read(cri('F', 'INFO b')).record, 1);
});

test('the names of columns count until others are named, for each source, through JSON; a line of another number of columns is read by itself', () => {
  const lines = [
    'a-1 | #Fields: date time cs-method cs-uri-stem sc-status',
    'b-1 | #Fields: date time sc-status cs-method cs-uri-stem',
    'a-1 | 2026-11-30 12:00:00 GET /a 500',
    'b-1 | 2026-11-30 12:00:00 404 GET /b',
    'a-1 | 2026-11-30 12:00:01 INFO started',
    'a-1 | #Fields: date time action src-ip x-level',
    'a-1 | 2026-11-30 12:00:02 DROP 10.0.0.9 error',
    'a-1 | yesterday noon DROP 10.0.0.9 error',
  ];
  let reader = recordReader();
  const read = lines.map((line) => {
    reader = recordReader({ state: JSON.parse(JSON.stringify(reader.state())) as never });
    const { format, severity, message, time } = reader.read(line);
    return [format, severity, message, time === null ? null : new Date(time).toISOString().slice(11, 19)];
  });
  assert.equal(read.slice(2, 5), [
    ['access', 'error', '500 GET /a', '12:00:00'],
    ['access', 'warn', '404 GET /b', '12:00:00'],
    ['plain', 'info', 'started', '12:00:01'],
  ]);
  assert.equal(read.slice(6), [
    ['plain', 'error', 'DROP 10.0.0.9', '12:00:02'],
    ['plain', null, 'yesterday noon DROP 10.0.0.9 error', null],
  ]);
  const many = recordReader();
  many.read(`#Fields: date ${Array.from({ length: 64 }, (_, i) => `c${i}`).join(' ')}`);
  assert.is(many.state().sources[0]!.columns, undefined);
  const forced = recordReader({ format: 'logfmt' });
  for (const line of lines.slice(0, 1)) forced.read(line);
  assert.is(forced.read(lines[2]!).format, 'plain');
});

test('columns that are named in the middle of a log count from there on; what names them continues no record', () => {
  for (const header of [
    [
      '#Software: x 1.0',
      '#Version: 1.0',
      '#Date: 2026-11-30 12:00:40',
      '#Fields: date time sc-status cs-method cs-uri-stem',
    ],
    ['#Version: 1.0', '#Start-Date: 2026-11-30 12:00:40', '#Fields: date-utc,time-utc,sc-status,cs-method,cs-uri-stem'],
    [
      '#separator \\x09'.replace(' ', '\t'),
      '#open\t2026-11-30-12-00-40',
      '#fields\tts\tmethod\turi\tstatus',
      '#types\ttime\tstring\tstring\tcount',
    ],
  ]) {
    const reader = recordReader();
    reader.read('#Fields: date time cs-method cs-uri-stem sc-status');
    for (let i = 10; i < 40; i++) reader.read(`2026-11-30 12:00:${i} GET /a 200`);
    for (const line of header) assert.is(reader.read(line).continues, false, line);
    const [row, status] = header[0]!.includes('separator')
      ? ['1796040041.5\tGET\t/b\t503', 'GET']
      : ['2026-11-30 12:00:41 503 GET /b'.replaceAll(' ', header[2]!.includes(',') ? ',' : ' '), '503'];
    const { format, severity, message, continues } = reader.read(row);
    assert.equal([format, severity, message, continues], ['access', 'error', '503 GET /b', false], status);
    for (const line of header) assert.is(reader.read(line).continues, false, line);
    assert.is(reader.read('# a note').continues, true);
  }
});

test('a line that names no date or time names no columns; twenty records without the columns are of another log', () => {
  const other = recordReader();
  for (const names of ['#fields  user action', '#Fields: time-taken, updates', '# Fields: date time']) {
    other.read(names);
    assert.is(other.state().sources[0]!.columns, undefined, names);
  }
  for (const names of ['DateTime,RequestId', 'X-Timestamp,a', 'date-local,b', 'ts,c']) {
    other.read(`#Fields: ${names}`);
    assert.equal(other.state().sources[0]!.columns, names.split(','));
  }
  let reader = recordReader();
  const read = (line: string): number | undefined => {
    reader = recordReader({ state: JSON.parse(JSON.stringify(reader.state())) as never });
    reader.read(line);
    return reader.state().sources[0]!.columns?.length;
  };
  read('#Fields: date time action');
  const plain = '2026-11-30 12:00:00 INFO all is well';
  for (let i = 0; i < 19; i++) assert.is(read(plain), 3);
  assert.is(read('2026-11-30 12:00:00 DROP'), 3, 'a record with the columns');
  for (let i = 0; i < 19; i++) assert.is(read(plain), 3);
  for (let i = 0; i < 30; i++) assert.is(read('\tat a.B.c(B.java:3)'), 3, 'lines of a trace are of one record');
  assert.is(read('#Version: 1.0'), 3);
  assert.is(read(plain), undefined);
  assert.is(read('#Fields: date time'), 2);
});

test('a number of seconds and a time of 1970 are not clocks: they stay what they are', () => {
  const times = (lines: readonly string[]): (number | null)[] => {
    const reader = recordReader();
    return lines.map((line) => reader.read(line).time);
  };
  const ups = [86_000, 10, 86_300, 86_500];
  for (const name of ['ts', 'time', '@t']) {
    assert.equal(times(ups.map((ts) => JSON.stringify({ [name]: ts, msg: 'up since 12:00:00' }))), ups.map((ts) => ts * 1000)); // prettier-ignore
  }
  const boots = ['1970-01-01 23:00:00 a', '1970-01-01 00:00:09 boot', '1970-01-01 23:30:00 a'];
  assert.equal(times(boots), [82_800_000, 9000, 84_600_000]);
  const day = 86_400_000;
  for (const line of [
    (clock: string) => `${clock} a`,
    (clock: string) => JSON.stringify({ time: clock, msg: 'a' }),
    (clock: string) => `time=${clock} level=info msg=a`,
    (clock: string) => `10.0.0.9 - - [${clock}] "GET / HTTP/1.1" 200 5`,
    (clock: string) => `${clock} time=11:11:11 level=info msg=a`,
  ]) {
    assert.equal(times(['23:00:00', '00:00:09', '23:30:00'].map(line)), [82_800_000, day + 9000, day + 84_600_000]);
  }
  assert.equal(times(['#Fields: time action', '23:00:00 x', '00:00:09 x']), [null, 82_800_000, day + 9000]);
});

test('a date beside a clock is of its time and not a field; beside a whole time it is a field', () => {
  const read = (line: string): unknown[] => {
    const { time, fields } = recordReader().read(line);
    return [new Date(time!).toISOString().slice(0, 19), fields];
  };
  const both = ['2026-11-30T12:00:00', [['user', 'ann']]];
  assert.equal(read('{"date":"2026-11-30","time":"12:00:00","user":"ann","msg":"a"}'), both);
  assert.equal(read('{"Time":"12:00:00","Date":"2026-11-30","user":"ann","msg":"a"}'), both);
  assert.equal(read('date=2026-11-30 time=12:00:00 user=ann msg=a'), both);
  assert.equal(read('time=12:00:00 user=ann Date=2026-11-30 msg=a'), both);
  const apart = [['date', 'soon'], ['user', 'ann']]; // prettier-ignore
  assert.equal(read('{"date":"soon","time":"12:00:00","user":"ann","msg":"a"}'), ['1970-01-01T12:00:00', apart]);
  assert.equal(read('date=soon time=12:00:00 user=ann msg=a'), ['1970-01-01T12:00:00', apart]);
  assert.equal(read('date=2026-11-29 time=2026-11-30T12:00:00Z msg=a'), [
    '2026-11-30T12:00:00',
    [['date', '2026-11-29']],
  ]);
});

test('a clock without a day goes on over midnight; a line that comes late keeps its day', () => {
  const days = (clocks: readonly string[]): string[] => {
    let reader = recordReader();
    return clocks.map((clock) => {
      reader = recordReader({ state: JSON.parse(JSON.stringify(reader.state())) as never });
      return new Date(reader.read(`${clock} a`).time!).toISOString().slice(8, 19);
    });
  };
  assert.equal(days(['23:59:59', '00:00:00', '00:00:01', '23:59:58', '00:00:02', '12:00:00', '00:00:03']), ['01T23:59:59', '02T00:00:00', '02T00:00:01', '01T23:59:58', '02T00:00:02', '02T12:00:00', '02T00:00:03']); // prettier-ignore
  assert.equal(days(['08:00:00', '07:59:59', '21:00:00', '08:59:00', '08:58:00']), ['01T08:00:00', '01T07:59:59', '01T21:00:00', '02T08:59:00', '02T08:58:00']); // prettier-ignore
  assert.equal(days(['00:00:05', '23:59:59']), ['01T00:00:05', '01T23:59:59'], 'no day is before the first');
  assert.equal(days(['23:00:00', '2026-01-02 10:00:00', '01:00:00']), ['01T23:00:00', '02T10:00:00', '02T01:00:00']);
  const reader = recordReader();
  const at = (line: string): number => reader.read(line).time! / 86_400_000;
  assert.equal([at('a-1 | 18:00:00 x'), at('b-1 | 06:00:00 x'), at('a-1 | 00:00:00 x'), at('b-1 | 12:00:00 x')], [0.75, 0.25, 1, 0.5]); // prettier-ignore
  for (let day = 0; day < 4000; day++) for (const clock of ['06:00:00', '23:00:00']) reader.read(`c-1 | ${clock} x`);
  assert.is(Math.floor(at('c-1 | 23:00:00 x')), 3650);
});

test('a status counts beside a method or target alone, and does not lessen a level', () => {
  const severityOf = (fields: object): string | null =>
    recordReader().read(JSON.stringify({ a: 1, ...fields })).severity;
  assert.is(severityOf({ status: 500, path: '/a' }), 'error');
  assert.is(
    severityOf({ http: { response: { status_code: 404 }, request: { method: 'GET' } }, level: 'info' }),
    'warn',
  );
  assert.is(severityOf({ status: 200, path: '/a' }), 'info');
  assert.is(severityOf({ status: 200, path: '/a', level: 'error' }), 'error');
  assert.is(severityOf({ status: 404, path: '/a', level: 'fatal' }), 'critical');
  assert.is(severityOf({ status: 500, count: 3 }), null);
  assert.is(severityOf({ status: 700, path: '/a' }), null);
  assert.is(severityOf({ status: 'done', path: '/a' }), null);
  assert.is(severityOf({ size: 500, path: '/a' }), null);
  const plain = (line: string): string | null => recordReader().read(line).severity;
  assert.is(plain('2026-11-30 12:00:00 INFO "GET /a HTTP/2" 503 12'), 'error');
  assert.is(plain('2026-11-30 12:00:00 ERROR "GET /a HTTP/2" 200 12'), 'error');
  assert.is(plain('2026-11-30 12:00:00 INFO served HTTP/1.1 in 500 ms'), 'info');
  assert.is(plain('2026-11-30 12:00:00 Completed 500 steps'), null);
});

test('a time of JSON may be an object, or a number of any unit; one of another thing is none', () => {
  const timeOf = (fields: object): string | null => {
    const { time } = recordReader().read(JSON.stringify({ ...fields, msg: 'a' }));
    return time === null ? null : new Date(time).toISOString();
  };
  const noon = '2026-11-30T12:00:00.123Z';
  for (const fields of [
    { t: { $date: noon } },
    { t: { $date: { $numberLong: '1796040000123' } } },
    { timestamp: { seconds: 1796040000, nanos: 123999999 } },
    { timestampSeconds: '1796040000', timestampNanos: 123000000 },
    { instant: { epochSecond: 1796040000, nanoOfSecond: 123000000 } },
    { ts: 1796040000.123 },
    { ts: 1796040000123 },
    { ts: 1796040000123456 },
    { ts: 1796040000123456000 },
    { TimeCreated: '/Date(1796040000123)/' },
    { T: 21.5, date: noon },
  ]) {
    assert.is(timeOf(fields), noon, JSON.stringify(fields));
  }
  for (const fields of [{ T: 21.5 }, { date: 7 }, { date: 'today' }, { t: { at: noon } }])
    assert.is(timeOf(fields), null);
});

test('names that mean a role in one form alone are fields elsewhere', () => {
  const read = (fields: object) => recordReader().read(JSON.stringify(fields));
  assert.equal(read({ s: 'E', c: 'x', msg: 'a' }).fields, [['s', 'E'], ['c', 'x']]); // prettier-ignore
  const plain = read({ Level: 2, Message: 'a' });
  const windows = read({ Level: 2, EventID: 7, Message: 'a' });
  assert.equal([plain.severity, windows.severity], ['critical', 'error']);
  assert.equal(read({ Id: 7, a: 1 }).message, 'Id a');
  assert.equal(read({ level: 'Metadata', msg: 'a' }).fields, [['level', 'Metadata']]);
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`f${i}`, i]));
  const { message, severity, fields } = read({ ...many, level: 'error', msg: 'gone' });
  assert.equal([message, severity, fields.length], ['gone', 'error', 64]);
});

test('traces with a header in each line join the record of their process, also where two come at once', () => {
  const of = (pid: number, lines: readonly string[]): string[] =>
    lines.map((line) => `Jan  1 10:01:00 db1 app[${pid}]: ${line}`);
  const [one, two] = [of(7, CHAIN.slice(0, 4)), of(8, CHAIN.slice(0, 4))];
  assert.equal(records(one.flatMap((line, i) => [line, two[i]!])), [1, 2, 1, 2, 1, 2, 1, 2]);
  const reader = recordReader();
  const read = [...one, ...of(7, ['ValueError: b', 'ValueError: c'])].map((line) => reader.read(line));
  assert.equal(read.map(({ record }) => record), [1, 1, 1, 1, 5, 6], 'errors of their own'); // prettier-ignore
  assert.equal(read.slice(1, 4).map(({ text, message }) => [text, message]), [[CHAIN[1], CHAIN[1]!.trim()], [CHAIN[2], CHAIN[2]!.trim()], [CHAIN[3], CHAIN[3]]]); // prettier-ignore
  const late = [
    'Jan  1 10:01:00 db1 app[7]: Traceback (most recent call last):',
    'Jan  1 10:01:09 db1 app[7]:   started',
  ];
  assert.equal(records(late), [1, 2]);
  for (let i = 0; i < 1000; i++) reader.read(of(i, ['x'])[0]!);
  assert.is(reader.state().writers.length, 64);
});

test('the parts of a message of PostgreSQL are one record, under each of its usual prefixes', () => {
  for (const prefix of [
    ' UTC [1018] app@shop ',
    ' UTC [1018] ',
    ' UTC:10.0.0.1(5432):app@shop:[1018]:',
    ' UTC [1018]: [5-1] user=app,db=shop ',
    ' UTC ',
  ]) {
    const line = (text: string, at = '00.250'): string => `2026-01-01 10:01:${at}${prefix}${text}`;
    const lines = [
      'ERROR:  deadlock detected',
      'DETAIL:  1018 waits for 1019',
      'HINT:  see',
      'CONTEXT:  while',
      'STATEMENT:  UPDATE a',
    ];
    assert.equal(records([...lines.map((text) => line(text)), line('LOG:  begun'), line('DETAIL:  later', '01.000')]), [1, 1, 1, 1, 1, 6, 7], prefix); // prettier-ignore
    const read = recordReader().read(line('ERROR:  deadlock detected'));
    assert.equal([read.severity, read.message], ['error', 'deadlock detected'], prefix);
    assert.is(recordReader().read(line('LOG:  begun')).severity, 'info');
  }
});

test('lines of one thread and millisecond are one record where only the first has a level', () => {
  const head = '2026-01-01 10:01:00.250 [7]';
  assert.equal(records([`${head} ERROR cannot reach payment`, `${head} last answer was 502`, `${head} INFO next`]), [1, 1, 3]); // prettier-ignore
  assert.equal(records([`${head} ERROR cannot reach payment`, '2026-01-01 10:01:00.251 [7] last answer was 502']), [1, 2]); // prettier-ignore
});

test('a line without a time behind one that is calm and complete is a record of its own, as are those behind it', () => {
  const head = (text: string): string => `2026-01-01 10:01:00,250 ${text}`;
  assert.equal(records([head('INFO served'), 'Killed']), [1, 2]);
  assert.equal(records([head('INFO served'), 'WARNING: deprecated', 'please report', head('INFO next')]), [1, 2, 2, 4]);
  for (const first of ['INFO settings:', 'WARN slow', 'ERROR failed', 'served']) {
    assert.equal(records([head(first), 'a = 1', 'b = 2']), [1, 1, 1], first);
  }
  assert.equal(records([head('INFO served'), '  more', 'and more']), [1, 1, 1]);
});

test('a state continues in another reader as in the first, through JSON', () => {
  const lines = [
    ...TRACE,
    ...TRACE,
    ...JAVA,
    ...TRACE,
    ...PYTHON,
    ...TRACE,
    'bare',
    'bare',
    ...JAVA,
    ...TRACE,
    ...CHAIN,
    ...GO,
    ...RUST.map((line) => `Jan  1 10:01:00 db1 app[7]: ${line}`),
  ];
  const whole = recordReader();
  let reader = recordReader();
  for (const line of lines) {
    reader = recordReader({ state: JSON.parse(JSON.stringify(reader.state())) as never });
    assert.equal(reader.read(line), whole.read(line));
  }
  assert.throws(() => recordReader({ state: {} as never }), /recordReader: state\.read must be an integer/);
});

test('JSON of any depth is read, and a value keeps the beginning of its JSON', () => {
  const deep = (open: string, close: string, depth = 100_000) => open.repeat(depth) + close.repeat(depth);
  for (const depth of [5000, 100_000]) {
    const [[name, value] = []] = recordReader().read(`{"a":${deep('[', ']', depth)}}`).fields;
    assert.equal([name, value], ['a', '['.repeat(256)]);
  }
  const objects = recordReader().read(`${deep('{"a":', '', 20_000)}1${'}'.repeat(20_000)}`);
  assert.is(objects.fields[0]![1], '{"a":'.repeat(52).slice(0, 256));
  for (const text of [deep('{"a":', '', 20_000), deep('[', ''), `${deep('{"a":', '', 20_000)}}`]) {
    assert.is(recordReader().read(text).format, 'plain');
  }
  const body = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"arrayValue":${deep('[', ']')}}}]}]}]}`;
  assert.equal(
    [recordReader().read(body)].map(({ format, message }) => [format, message]),
    [['otlp', '['.repeat(256)]],
  );
  const values = [
    [],
    {},
    [1, null, true, 'a"\n\u2028'],
    { '': [{}], 'b"': { c: -1.5e-9 } },
    { __proto__: null, 1: 'x' },
  ];
  const long = [
    ['x'.repeat(300)],
    ['\u{1f600}'.repeat(200)],
    Array.from({ length: 500 }, (_, i) => i),
    ['\n'.repeat(300), 1],
  ];
  const keys = [{ ['k'.repeat(254)]: 'long' }, { ['k'.repeat(300)]: [1] }, ['a'.repeat(252), [[1]]]];
  for (const value of [...values, ...long, ...keys]) {
    const { fields } = recordReader().read(JSON.stringify({ a: [value] }));
    assert.is(fields[0]![1], JSON.stringify([value]).slice(0, 256));
  }
});

test('lines of 16 million characters are read, whatever repeats in them', () => {
  const most = 16_000_000;
  const x = (of: string): string => of.repeat(most / of.length);
  const access = '1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 1';
  for (const [line, format] of [
    [`a="${x('x')}" b=c d=e`, 'logfmt'],
    [`msg="${x('x')}`, 'plain'],
    [`${access} "${x('x')}" "agent"`, 'access'],
    [`<13>1 - h p - - [${x('x')}] m`, 'plain'],
    [`<13>1 - h p - - ${x('[xx]')} m`, 'plain'],
    [x('1'), 'plain'],
    [x(' '), 'plain'],
    [`\u001b]${x('x')}`, 'plain'],
  ] as const) {
    const reader = recordReader();
    reader.read('first');
    assert.is(reader.read(line).format, format, line.slice(0, 90));
  }
});

test('the message of a long line is whole, in whatever form', () => {
  const long = 'x y '.repeat(100_000);
  for (const head of ['', '2024-01-02 03:04:05 INFO ', 'Jun 14 15:16:01 h p: ', '<13>1 - h p - - - '])
    assert.ok(recordReader().read(head + long).message === long.trim(), head);
  assert.ok(recordReader().read(`msg="${long}" a=b`).message === long);
});

test('a time that is empty or 0 is none: another one of the record counts', () => {
  const otlp = (record: object): number | null =>
    recordReader().read(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] })).time;
  const observedTimeUnixNano = '1544712660300000000';
  for (const timeUnixNano of ['0', '', 0, null, 'soon', -1, undefined]) {
    assert.is(otlp({ timeUnixNano, observedTimeUnixNano }), 1544712660300);
    assert.is(otlp({ timeUnixNano }), null);
  }
  assert.is(otlp({ timeUnixNano: 1544712660300000000 }), 1544712660300);
  const { time, fields } = recordReader().read('{"time":"","ts":1531171074631,"msg":"a"}');
  assert.equal([time, fields], [1531171074631, [['time', '']]]);
});

test('a time without a year is of the latest year in which it is not more than a day after now; others are as they say', () => {
  const timeOf = (line: string, now: string): string =>
    new Date(recordReader({ now: () => at(now) }).read(line).time!).toISOString().slice(0, 19);
  const row = 'Dec 31 23:59:58 db1 app[1]: a';
  assert.is(timeOf(row, '2026-01-02T10:00:00Z'), '2025-12-31T23:59:58');
  assert.is(timeOf(row, '2025-12-31T10:00:00Z'), '2025-12-31T23:59:58', 'a zone ahead');
  assert.is(timeOf(row, '2025-12-30T10:00:00Z'), '2024-12-31T23:59:58');
  assert.is(timeOf('Jan  1 00:00:01 db1 app[1]: a', '2025-12-31T20:00:00Z'), '2026-01-01T00:00:01');
  assert.is(timeOf('Feb 29 10:00:00 db1 app[1]: a', '2026-06-01T00:00:00Z'), '2024-02-29T10:00:00');
  assert.is(timeOf('I0519 12:00:00.123456   17 foo.go:12] hello', '2026-06-01T00:00:00Z'), '2026-05-19T12:00:00');
  assert.is(timeOf('2000-05-19 12:00:00 INFO a', '2026-06-01T00:00:00Z'), '2000-05-19T12:00:00');
  assert.is(timeOf('12:30:01 tick', '2026-06-01T00:00:00Z'), '1970-01-01T12:30:01');
  assert.throws(() => recordReader({ now: 7 as never }), /recordReader: now must be a function, got 7/);
});

test('a number above 12, else the first turn of a day, shows which number is the day, for each source', () => {
  const days = (dates: readonly string[], clock = '06:00:29'): string[] => {
    let reader = recordReader();
    return dates.map((date) => {
      reader = recordReader({ state: JSON.parse(JSON.stringify(reader.state())) as never });
      return new Date(reader.read(`${date} ${clock} a`).time!).toISOString().slice(0, 10);
    });
  };
  assert.equal(days(['02/03/2026', '02/03/2026', '03/03/2026', '04/03/2026', '13/03/2026', '01/04/2026']), ['2026-02-03', '2026-02-03', '2026-03-03', '2026-03-04', '2026-03-13', '2026-04-01']); // prettier-ignore
  assert.equal(days(['03/02/2026', '03/03/2026', '03/04/2026', '04/01/2026']), ['2026-03-02', '2026-03-03', '2026-03-04', '2026-04-01']); // prettier-ignore
  assert.equal(days(['31.12.26', '01.01.27']), ['2026-12-31', '2027-01-01']);
  assert.equal(days(['02/03/26', '03/03/26', '04/03/26']), ['2002-03-26', '2026-03-03', '2026-03-04']);
  assert.equal(days(['17/06/09', '17/06/10']), ['2017-06-09', '2017-06-10']);
  const reader = recordReader();
  for (const line of ['a-1 | 13/03/2026 06:00:29 x', 'b-1 | 03/13/2026 06:00:29 x']) reader.read(line);
  assert.is(reader.read('a-1 | 01/04/2026 06:00:29 x').time, at('2026-04-01T06:00:29Z'));
  assert.is(reader.read('b-1 | 04/01/2026 06:00:29 x').time, at('2026-04-01T06:00:29Z'));
  const live = recordReader({ now: () => at('2026-03-05T07:00:00Z') });
  assert.is(live.read('05/03/2026 06:00:29 a').time, at('2026-03-05T06:00:29Z'), 'May has not come');
});

test('lines of any content are read in linear time', () => {
  const parts = [
    '[',
    '{"a":',
    'a=',
    '#Fields: ',
    '=A REPORT',
    '%A-',
    ' "GET ',
    '1.1 ',
    '- - [',
    'a/b 1/2',
    'E/',
    'x: ',
    '[x] ',
    '<1',
    '1:',
    '\u001b]',
    '\u001b[',
    '" ',
    '\\"',
    'a=" ',
    '- ',
    '|',
    '9/',
  ];
  for (const part of parts) {
    const started = process.cpuUsage();
    recordReader().read(part.repeat(100_000));
    const { user } = process.cpuUsage(started);
    assert.ok(user < 1_000_000, `${part}: ${user} microseconds`);
  }
});

test('logRecords: the records that are open come before an error, of the source or of a line', async () => {
  for (const [end, expected] of [
    [throwError(() => new Error('gone')), 'gone'],
    [of(5 as never), 'logRecords: line 3 must be a string, got 5'],
  ] as const) {
    const lines = [
      '2024-05-01 10:00:00 ERROR gave up',
      '\tat db.Pool.take(Pool.java:9)',
      'a | 2024-05-01 10:00:01 INFO on',
    ];
    const log: string[] = [];
    concat(from(lines), end as Observable<string>)
      .pipe(logRecords())
      .subscribe({
        next: ({ message, rest }) => log.push(`${message} ${rest.length}`),
        error: ({ message }: Error) => log.push(message),
      });
    assert.equal(log, ['gave up 1', 'on 0', expected]);
  }
});

test.run();

/** The forms that the message about another one lists. */
function refusedForms(): string {
  try {
    recordReader({ format: 'none' as never });
    return '';
  } catch (error) {
    return /one of (.*), got "none"/.exec((error as Error).message)?.[1] ?? '';
  }
}

function pick(read: LogLine, names: readonly string[]): object {
  return Object.fromEntries(names.map((name) => [name, read[name as keyof LogLine]]));
}
