// Lines of JSON as an alarm shows them to people.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { alarmText } from '../../pipelines/surprise/alarmText.js';
import { readableLine } from '../../pipelines/surprise/readableLine.js';
import { lineScorer } from '../../src/index.js';

const STACK = 'PoolError: no connection\\n    at Pool.take (/app/pool.js:7:9)';
for (const [kind, line, expected] of [
  [
    'pino',
    `{"level":50,"time":1767323499000,"pid":4021,"hostname":"web1","reqId":"r9","err":{"type":"PoolError","message":"no connection","stack":"${STACK}"},"msg":"order failed"}`,
    'order failed reqId=r9 err.type=PoolError err.message="no connection"',
  ],
  [
    'winston',
    `{"level":"error","message":"key is not readable","service":"accounts","timestamp":"2026-01-02T03:09:05Z","stack":"${STACK}","ttl":3600}`,
    'accounts: key is not readable ttl=3600',
  ],
  [
    'bunyan',
    '{"name":"shop","hostname":"web1","pid":17,"level":50,"user":"ann b","msg":"lost","time":"2026-01-02T03:09:05Z","v":0}',
    'shop: lost user="ann b"',
  ],
  [
    'zap',
    '{"level":"error","ts":1767323045.5,"logger":"api","caller":"api/x.go:12","msg":"gone","stacktrace":"main.run\\n\\t/app/main.go:12"}',
    'api: gone caller=api/x.go:12',
  ],
  [
    'logrus',
    '{"animal":"walrus","level":"warning","msg":"slow","time":"2026-01-02T03:09:05Z","size":10}',
    'slow animal=walrus size=10',
  ],
  [
    'GELF',
    '{"version":"1.1","host":"web1","short_message":"disk full","full_message":"disk full\\n at x","timestamp":1767323045.5,"level":3,"_user":9}',
    'disk full _user=9',
  ],
  [
    'ECS',
    '{"@timestamp":"2026-01-02T03:04:05Z","log":{"level":"error","logger":"db.Pool"},"message":"gave up","ecs":{"version":"8"},"error":{"type":"X","stack_trace":"a\\n b"}}',
    'db.Pool: gave up error.type=X',
  ],
  [
    'journald',
    '{"__CURSOR":"s=9f;i=12","__REALTIME_TIMESTAMP":"1767323045120311","PRIORITY":"3","_HOSTNAME":"db1","SYSLOG_IDENTIFIER":"systemd","_PID":"1","MESSAGE":"nginx failed.\\nSee the journal."}',
    'systemd: nginx failed. See the journal.',
  ],
  ['a file of Docker', '{"log":"GET /x 200\\n","stream":"stdout","time":"2026-01-02T03:04:05Z"}', 'GET /x 200'],
  [
    'pino in a file of Docker',
    '{"log":"{\\"level\\":50,\\"time\\":1767323499000,\\"msg\\":\\"lost\\"}\\n","stream":"stdout","time":"2026-01-02T03:04:05Z"}',
    'lost',
  ],
  [
    'pino of a container',
    'web-1  | {"level":50,"time":1767323499000,"name":"shop","msg":"lost"}',
    'web-1  | shop: lost',
  ],
  ['no message', '{"level":"info","a":1,"b":{"c":"x y"},"d":null}', 'a=1 b.c="x y"'],
  ['nothing', '{}', '{}'],
  ['no JSON', 'a {"b": 1', 'a {"b": 1'],
  ['a message that steers a terminal', '{"msg":"\\u001b[31mred\\u001b[0m","level":50}', 'red'],
] as const) {
  test(`${kind} is shown without its JSON`, () => assert.is(readableLine({ line, strange: [] }).line, expected));
}

test('long messages and values are cut, and of many values eight are shown, strange ones first', () => {
  const values = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [`f${i}`, i === 17 ? 'zgrab' : 'x'.repeat(500)]),
  );
  const strange = [{ text: 'zgrab', from: 0, to: 5, bits: 9 }];
  const { line, strange: shown } = readableLine({
    line: JSON.stringify({ msg: 'm'.repeat(9000), ...values }),
    strange,
  });
  assert.match(line, /^m{4096} … f17=zgrab f0=x{80}… /);
  assert.is(line.match(/f\d+=/g)!.length, 8);
  const [part] = shown;
  assert.equal([part!.text, Array.from(line).slice(part!.from, part!.to).join('')], ['zgrab', 'zgrab']);
});

for (const [line, time, clock] of [
  ['3/2/2026 11:45:04 PM Error x', Date.UTC(2026, 2, 2, 23, 45, 4), '23:45:04'],
  ['12:34:40.5 a.m. Error x', Date.UTC(1970, 0, 1, 0, 34, 40), '00:34:40'],
  ['2026-03-02T06:45:04+01:00 Error x', Date.UTC(2026, 2, 2, 5, 45, 4), '06:45:04'],
] as const) {
  test(`the head has the clock of the line: ${line}`, () => {
    const alarm = { score: 9, threshold: 8, kind: 'line', since: 1, key: '', count: 1 } as const;
    const scored = { line, number: 1, time, key: '', bits: 1, bitsPerCharacter: 1, score: 1, strange: [], alarm };
    assert.ok(alarmText(scored, { columns: 80, colours: false }).startsWith(`STRANGE ${clock} · line 1`));
  });
}

test('an alarm at a line of JSON has its time, severity and message, with marks below what is strange', () => {
  const scorer = lineScorer();
  for (let i = 0; i < 400; i++) {
    scorer.score(JSON.stringify({ level: 30, time: 1767323045000 + 1000 * i, ms: i % 9, msg: 'request completed' }));
  }
  const { alarm, ...odd } = scorer.score('{"level":50,"time":1767323499000,"user":"ann","msg":"orders are lost"}');
  assert.ok(alarm);
  const [head, ...rows] = alarmText({ ...odd, alarm: { ...alarm, count: 1 } }, { columns: 80, colours: false }).split('\n'); // prettier-ignore
  assert.match(head!, /^STRANGE 03:11:39 · line 401 · error/);
  assert.is(
    rows.find((row) => row.includes('orders')),
    '  orders are lost user=ann',
  );
  assert.not.match(rows.join('\n'), '{');
});

test.run();
