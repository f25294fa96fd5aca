import { from, lastValueFrom, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { burst, lineScorer, mix, surprisalByLine } from '../../src/index.js';
import { alarmRule } from '../../src/log/alarmRule.js';
import { reasonsOf } from '../../src/log/reasonsOf.js';
import { seeded } from '../../src/random/seeded.js';

const random = seeded(3);
const pick = <T>(of: readonly T[]): T => of[random.integer(of.length)]!;
const two = (n: number): string => String(n).padStart(2, '0');
/** An ordinary log: five kinds of lines with numbers and names, one per second. */
const calm = Array.from({ length: 1400 }, (_, i) => {
  const time = `2024-05-01 ${two(10 + Math.floor(i / 3600))}:${two(Math.floor(i / 60) % 60)}:${two(i % 60)}`;
  const [user, port] = [pick(['root', 'alice', 'bob', 'carol']), 1000 + random.integer(9000)];
  const message = pick([
    `sshd: Accepted password for ${user} from 10.0.0.${random.integer(99)} port ${port}`,
    `sshd: Failed password for ${user} from 10.0.0.${random.integer(99)} port ${port}`,
    `cron: job ${port} of ${user} done in ${random.integer(50)} ms`,
    `kernel: eth0 link is up at 1000 Mbps`,
    `db: query ${port} took ${random.integer(50)} ms`,
  ]);
  return `${time} INFO ${message}`;
});
const spray = Array.from(
  { length: 10 },
  (_, i) =>
    `2024-05-01 10:23:20 INFO sshd: Failed password for svc_${'abcdefghij'[i]!}x from 193.0.0.${i} port ${52000 + i}`,
);
const strange = '2024-05-01 10:20:00 INFO kernel: EXT4-fs error, journal has aborted';
const trace = ['java.lang.OutOfMemoryError: heap', '\tat a.B.c(B.java:3)', '\tat a.D.e(D.java:9)'];
const lines = [...calm.slice(0, 900), strange, ...calm.slice(900, 1200), ...trace, ...calm.slice(1200), ...spray];

const whole = lineScorer();
const scores = lines.map((line) => whole.score(line));

test('what never came ranks highest: a strange line, a trace and a spray', () => {
  const top = scores
    .slice(100)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, 14)
    .map(({ number }) => number);
  const planted = [901, 1202, 1203, 1204, ...spray.map((_, i) => 1405 + i)];
  assert.ok(planted.filter((number) => top.includes(number)).length >= 11, top.join(' '));
  for (const number of planted.slice(0, 4)) assert.ok(top.includes(number), `${number}`);
});

test('alarms come at the strange line, in the trace and within ten lines of the spray, and nowhere else', () => {
  const alarms = scores.filter(({ alarm }) => alarm !== undefined).map(({ number }) => number);
  assert.ok(alarms.includes(901));
  assert.ok(alarms.some((number) => number >= 1202 && number <= 1204));
  assert.ok(alarms.some((number) => number >= 1405));
  assert.is(alarms.length, 3, alarms.join(' '));
});

test('the parts of the bits add up, and ordinary lines become cheap', () => {
  for (const { bits, templateBits, parameterBits } of scores) assert.is(bits, templateBits + parameterBits);
  const mean = (from: number, to: number): number =>
    scores.slice(from, to).reduce((sum, { bitsPerCharacter }) => sum + bitsPerCharacter, 0) / (to - from);
  assert.ok(mean(700, 800) < 0.7 * mean(0, 100), `${mean(700, 800)} ${mean(0, 100)}`);
});

test('it says what is strange and why', () => {
  const { line, strange: parts, why, isNew, severity, templateText } = scores[900]!;
  assert.equal([isNew, severity], [true, 'info']);
  assert.is(why.seen, templateText);
  assert.ok(why.expected !== null && why.expected !== why.seen);
  assert.equal(why.newWords.slice(0, 3), ['EXT', 'fs', 'error']);
  assert.ok(why.reasons.includes('new template'));
  for (const { text, from, to } of parts) assert.is(Array.from(line).slice(from, to).join(''), text);
  assert.ok(parts.some(({ text }) => text.includes('journal')));
  assert.equal(scores[1202]!.record, 1201);
});

/** Hexadecimal digits of a small generator. */
function hexDigits(): (length: number) => string {
  let seed = 1;
  const next = (): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) >>> 16;
  return (length) => Array.from({ length }, () => '0123456789abcdef'[next() & 15]).join('');
}

test('the letters of hexadecimal numbers and UUIDs make no words', () => {
  const hex = hexDigits();
  const scorer = lineScorer();
  const words = new Set<string>();
  let alarms = 0;
  for (let i = 0; i < 4000; i++) {
    const uuid = [8, 4, 4, 4, 12].map(hex).join('-');
    const { why, alarm } = scorer.score(`2026-01-01 10:00:00 job ${uuid} of 1${hex(7)} was done for ${uuid}.`);
    for (const word of why.newWords) words.add(word);
    if (alarm) alarms += 1;
  }
  assert.equal([...words].toSorted(), ['done', 'for', 'job', 'of', 'was']);
  assert.is(alarms, 0);
  const { newWords } = scorer.score('2026-01-01 10:00:00 a bad face decade fed-up 4 added').why;
  assert.equal(newWords, ['bad', 'face', 'decade', 'fed', 'up', 'added']);
});

test('a new value is marked where it is, not where its digits come first', () => {
  const scorer = lineScorer();
  for (let i = 0; i < 300; i++) scorer.score(`2026-01-02 10:00:${10 + (i % 50)} INFO served in ${i % 7} ms`);
  const { line, strange } = scorer.score('2026-01-02 10:01:00 ERROR certificate expires in 2 days, id 17');
  const marks = strange.map(({ from, to }) => [from, line.slice(from, to)] as const);
  for (const [from] of marks) assert.ok(from >= '2026-01-02 10:01:00 '.length, JSON.stringify(marks));
  assert.ok(marks.some(([, text]) => text.includes('2 days')));
});

test('a new value is marked behind much else of a line of JSON', () => {
  const scorer = lineScorer();
  const write = (msg: string): string => JSON.stringify({ level: 'info', context: 'x '.repeat(50_000), msg });
  for (let i = 0; i < 300; i++) scorer.score(write(`served in ${i % 7} ms`));
  const { line, strange } = scorer.score(write('certificate expires in 2 days'));
  for (const { text, from, to } of strange) assert.is(line.slice(from, to), text);
  assert.ok(
    strange.some(({ text }) => text.includes('2')),
    JSON.stringify(strange),
  );
});

test('a line of one long number is looked at a few times, and no more', () => {
  for (const part of ['0123abcdef', '1', '1e-1', '01234567-89ab-cdef-0123-456789abcdef-']) {
    const line = part.repeat(Math.floor(200_000 / part.length));
    const looked = { characters: 0, searches: 0 };
    const { charCodeAt, indexOf } = String.prototype;
    Object.assign(String.prototype, {
      charCodeAt(this: string, at: number) {
        looked.characters += 1;
        return charCodeAt.call(this, at);
      },
      indexOf(this: string, text: string, from?: number) {
        looked.searches += 1;
        return indexOf.call(this, text, from);
      },
    });
    try {
      lineScorer().score(line);
    } finally {
      Object.assign(String.prototype, { charCodeAt, indexOf });
    }
    assert.ok(looked.characters < 10 * line.length, `${part}: ${looked.characters} characters`);
    assert.ok(looked.searches < 0.2 * line.length, `${part}: ${looked.searches} searches`);
  }
});

test('an id that is new each time is not marked', () => {
  const hex = hexDigits();
  const scorer = lineScorer();
  for (let i = 0; i < 500; i++) scorer.score(`10:00:00 job ${hex(12)} done`);
  assert.equal(scorer.score(`10:00:00 job ${hex(12)} done`).strange, []);
});

test('hexadecimal numbers that happen to have no digit, or come after 0x, make no words where such numbers were', () => {
  for (const write of [
    (id: string) => `10:00:00 INFO served req-${id} of ada`,
    (id: string) => `10:00:00 INFO served i=${id} of ada`,
    (id: string) => `10:00:00 INFO served 0x${id} of ada`,
  ]) {
    const hex = hexDigits();
    const scorer = lineScorer();
    for (let i = 0; i < 50; i++) scorer.score(write(hex(6)));
    for (const id of ['eddfab', 'deafca', '3f065b', 'bfafaa']) {
      assert.equal(scorer.score(write(id)).why.newWords, [], write(id));
    }
    assert.equal(scorer.score('10:00:00 INFO served facade of ada').why.newWords, ['facade']);
  }
  assert.equal(lineScorer().score('code 0x3f065bfa').why.newWords, ['code', 'bfa'], 'the first says something');
});

test('the cursor and the monotonic time of an entry of journald are not scored', () => {
  const hex = hexDigits();
  const scorer = lineScorer();
  const write = (i: number, cursor: string): string =>
    JSON.stringify({ __CURSOR: cursor, __REALTIME_TIMESTAMP: `${1767323045000000 + i}`, __MONOTONIC_TIMESTAMP: `${i}`, PRIORITY: '6', MESSAGE: 'session opened' }); // prettier-ignore
  for (let i = 0; i < 300; i++) scorer.score(write(i, `s=${hex(32)};i=${hex(5)};x=${hex(16)}`));
  const { why, strange, parts, parameterBits } = scorer.score(write(9_000_000_000, 'quite=another;kind'));
  assert.equal([why.newWords, strange, parts.value], [[], [], 0]);
  assert.ok(parameterBits < 1, `${parameterBits}`);
});

test('every alarm has a reason', () => {
  const hex = hexDigits();
  const scorer = lineScorer({ oneIn: 20 });
  let alarms = 0;
  for (let i = 0; i < 3000; i++) {
    const { alarm, why } = scorer.score(
      `10:00:${10 + (i % 40)} ${i % 3 ? 'read' : 'write'} ${hex(1 + (i % 3))} by ${hex(2)}`,
    );
    if (!alarm) continue;
    alarms += 1;
    assert.ok(why.reasons.length > 0);
  }
  assert.ok(alarms > 10);
});

test('of a container it gives what was written too', () => {
  const { text, line, time } = lineScorer().score('2026-11-03T06:00:00.1Z stdout F hello');
  assert.equal(
    [text, line, time],
    ['hello', '2026-11-03T06:00:00.1Z stdout F hello', Date.parse('2026-11-03T06:00:00.1Z')],
  );
  assert.not('text' in lineScorer().score('hello'));
});

test('an alarm at a usual severity does not hide an error behind it, and different traces are different alarms', () => {
  const scorer = lineScorer();
  const usual = (i: number): string => `10:00:${10 + (i % 50)} INFO served /p/${i % 7} in ${i % 9} ms`;
  for (let i = 0; i < 1000; i++) scorer.score(usual(i));
  const alarmAt = (line: string): string | undefined => scorer.score(line).alarm?.key;
  assert.ok(alarmAt('10:20:00 INFO peer list rebuilt after membership change in zone delta'));
  for (let i = 0; i < 5; i++) assert.is(alarmAt(usual(i)), undefined);
  assert.ok(alarmAt('10:20:01 FATAL replication stopped because the relay log is corrupted'));
  for (let i = 0; i < 50; i++) scorer.score(usual(i));
  const keys = ['java.lang.OutOfMemoryError: heap space', 'java.sql.SQLException: deadlock found on lock'].map(
    (thrown) => {
      const key = alarmAt(thrown);
      for (let i = 0; i < 50; i++) scorer.score(usual(i));
      return key;
    },
  );
  assert.match(keys.join(), /^trace (\d+),trace (?!\1$)\d+$/);
});

test('equal alarms have the template, the stream, the component, the kinds of reasons and the places in common', () => {
  const write = (i: number, status: number | string, took: number, host = 'web-1'): string =>
    JSON.stringify({ level: 30, time: 1714557600000 + 1000 * i, name: host, msg: 'request done', status, took });
  const learned = (): ReturnType<typeof lineScorer> => {
    const scorer = lineScorer();
    for (let i = 0; i < 1000; i++) scorer.score(write(i, 200, 10 + ((i * 31) % 21), `web-${i % 2}`));
    return scorer;
  };
  const keyOf = (line: string, stream = ''): string => {
    const { alarm, score } = learned().score(line, stream);
    assert.ok(alarm, `${line} ${score}`);
    return alarm.key;
  };
  const slow = keyOf(write(1000, 200, 90_000));
  assert.match(slow, /^template \d+; web-1; line; number; number at took$/);
  assert.is(keyOf(write(1001, 200, 70_000)), slow, 'another value');
  const others = [
    keyOf(write(1000, 900_000, 12)),
    keyOf(write(1000, 'gone', 90_000)),
    keyOf(write(1000, 200, 90_000, 'web-0')),
    keyOf(write(1000, 200, 90_000), 'a'),
    slow,
  ];
  assert.is(new Set(others).size, others.length, others.join('\n'));
});

test('a trouble that was new stays the same as it comes again: its first lines fold', () => {
  const scorer = lineScorer();
  const usual = (i: number): string => `10:00:${10 + (i % 50)} INFO served /p/${i % 7} in ${i % 9} ms`;
  for (let i = 0; i < 1000; i++) scorer.score(usual(i));
  const keys = new Set<string>();
  for (const name of ['alpha', 'beta', 'gamma', 'delta']) {
    const { alarm } = scorer.score(`10:20:00 ERROR replication stopped because the relay log of ${name} is corrupted`);
    if (alarm) keys.add(alarm.key);
    for (let i = 0; i < 50; i++) scorer.score(usual(i));
  }
  assert.is(keys.size, 1, [...keys].join('\n'));
});

test('a second trouble soon after an alarm is one of its own; the same again and what follows it are joined', () => {
  const usual = (i: number): string => `10:00:${10 + (i % 50)} INFO served /p/${i % 7} in ${i % 9} ms`;
  const troubles = [
    ['10:20:00 ERROR disk sdb reports an unrecoverable media fault'],
    ['10:20:00 ERROR certificate of the ldap realm has expired since yesterday'],
    ['java.lang.IllegalStateException: pool is closed', '\tat com.acme.Pool.take(Pool.java:91)'],
    ['10:20:00 FATAL replication stopped because the relay log is corrupted'],
    ['10:20:00 ERROR out of memory while sorting rows'],
  ];
  const alarmsOf = (order: readonly number[], between: number): number[] => {
    const scorer = lineScorer();
    for (let i = 0; i < 3000; i++) scorer.score(usual(i));
    return order.map((trouble) => {
      const alarms = troubles[trouble]!.filter((line) => scorer.score(line).alarm).length;
      for (let i = 0; i < between; i++) assert.is(scorer.score(usual(i)).alarm, undefined);
      return alarms;
    });
  };
  assert.equal(alarmsOf([0, 1], 5), [1, 1]);
  assert.equal(alarmsOf([1, 2], 5), [1, 1]);
  assert.equal(alarmsOf([2, 0, 2], 5), [1, 1, 0]);
  assert.equal(alarmsOf([0, 0, 1, 0, 1], 5), [1, 0, 1, 0, 0]);
  assert.equal(alarmsOf([0, 1, 2, 3, 4], 2), [1, 1, 1, 1, 0]); // three in a thousand lines
  assert.equal(alarmsOf([0, 1, 2, 3, 4], 40), [1, 1, 1, 1, 1]);
});

const keyed = lineScorer();
const keyedScores = lines.map((line, i) => keyed.score(line, i % 3 === 0 ? 'a' : ''));

test('a state continues to the same bits, at every tenth of the log', () => {
  let scorer = lineScorer();
  for (const [i, line] of lines.entries()) {
    if (i % 131 === 130) scorer = lineScorer({ state: scorer.state() });
    assert.equal(scorer.score(line, i % 3 === 0 ? 'a' : ''), keyedScores[i], `line ${i}`);
  }
});

test('the bits are the same on every engine: a digest of all scores', () => {
  const sum = scores.reduce((all, { bits, score }) => (all * 31 + bits * 1e6 + score * 1e6) % 1e9, 0);
  assert.is(sum, DIGEST);
});
const DIGEST = 471052073.6971626;

test('a damaged state, another version and another size are refused', () => {
  const state = whole.state();
  const damaged = state.slice();
  damaged[damaged.length - 9]! ^= 1;
  assert.throws(() => lineScorer({ state: damaged }), /lineScorer: state is damaged/);
  for (let at = 'rxrnn log state 10\n'.length; at < 3000; at += 7) {
    const other = state.slice();
    other[at]! ^= 1; // in its checksum, its JSON, its arrays
    assert.throws(() => lineScorer({ state: other }), /lineScorer: state is damaged/);
  }
  assert.throws(() => lineScorer({ state, maxTemplates: 5 }), /lineScorer: maxTemplates must be left out beside state/);
  assert.throws(() => lineScorer({ state: state.subarray(0, 1000) }), /lineScorer: state is damaged/);
  const older = state.slice();
  older.set(new TextEncoder().encode('rxrnn log state 09\n'));
  assert.throws(
    () => lineScorer({ state: older }),
    /state is of version 09 of line scorers, this one reads version 10/,
  );
  assert.throws(() => lineScorer({ state: new Uint8Array(40) }), /is not the state of a line scorer of this version/);
  assert.throws(() => lineScorer({ state: 'x' as never }), /lineScorer: state must be a Uint8Array/);
});

test('a state is as small as what was learned', () => {
  const sizes = [0, 100, 1400].map((count) => {
    const scorer = lineScorer();
    for (const line of calm.slice(0, count)) scorer.score(line);
    return scorer.state().length;
  });
  assert.ok(sizes[0]! < 10_000 && sizes[1]! < sizes[2]! && sizes[2]! < 300_000, sizes.join(' '));
});

const secondOf = (i: number): string => `2024-05-01 10:${two(Math.floor(i / 60))}:${two(i % 60)}`;

test('an outage right after the warm-up is an alarm within ten lines, though its words are known', () => {
  for (const at of [255, 300, 500]) {
    const scorer = lineScorer();
    for (const line of calm.slice(0, at)) assert.is(scorer.score(line).alarm, undefined, line);
    const outage = Array.from({ length: 10 }, (_, i) => {
      const message = i % 2 === 0 ? `db: query ${2000 + i} took ${40 + i} ms` : `cron: job ${i} of root done in 30 ms`;
      return scorer.score(`${secondOf(at + i)} ERROR ${message}`);
    });
    const [first] = outage.filter(({ alarm }) => alarm !== undefined);
    assert.ok(first, `at ${at}: ${outage.map(({ score }) => score.toFixed(1)).join(' ')}`);
    assert.match(first.why.reasons.join(), /first error in \d+ lines|errors in \d+ lines before/);
  }
});

test('what an alarm compares are its score and a threshold that is one', () => {
  const alarms = scores.flatMap(({ alarm, score, number }) => (alarm ? [{ ...alarm, own: score, number }] : []));
  for (const { kind, score, threshold, own } of alarms) {
    assert.ok(score > threshold && threshold > 0, `${score} ${threshold}`);
    if (kind === 'line') assert.is(score, own); // none is an error
  }
  const scorer = lineScorer();
  for (let i = 0; i < 6000; i++) scorer.score(`INFO request ${i} served in ${i % 9} ms`);
  const { alarm, score, why } = scorer.score('ERROR disk failure on sdb');
  assert.ok(alarm && alarm.threshold > 0 && alarm.score > score + 5 && alarm.score > alarm.threshold);
  assert.ok(why.reasons.includes('first error in 6001 lines'));
  assert.ok(scorer.score('ERROR disk failure on sdc').why.reasons.includes('1 error in 6001 lines before'));
});

const NO_RUSH = { count: 1, span: 0, rate: 0 };

test('a burst begins at the first of the last ten lines that count, whatever comes between', () => {
  const rule = alarmRule(1000, 250);
  const add = (kind: number, score: number, number: number): ReturnType<typeof rule.add> =>
    rule.add(
      {
        kind,
        template: kind,
        wording: kind,
        record: number,
        shape: kind,
        time: 1000 * number,
        isNew: false,
        far: false,
        rush: 0,
        grave: false,
        trace: false,
        score,
        unlike: 0,
        rarity: 0,
      },
      number,
      NO_RUSH,
    );
  for (let number = 1; number <= 400; number++) assert.is(add(number % 4, 0.5, number), undefined);
  const storm = Array.from({ length: 12 }, (_, i) => (i % 4 === 0 ? add(9, 0.5, 401 + i) : add(8, 12, 401 + i)));
  const found = storm.findIndex((exceeded) => exceeded !== undefined);
  const { kind, since, score, threshold, many } = storm[found]!;
  assert.is(kind, 'burst');
  assert.equal(many, { ago: found - 1, count: found - Math.floor(found / 4), span: 1000 * (found - 1) });
  assert.is(since, 402); // the one before it is of another kind
  assert.ok(found > 3 && found < 10 && score > threshold && score < 12, `${found} ${score} ${threshold}`);
});

/** A rule that has seen ordinary lines, and what it says of further ones by their kind and score. */
test('an error is an alarm, whatever its score, while at most one line in so many was one', () => {
  const rule = alarmRule(1000, 250);
  const alarms: [number: number, threshold: number][] = [];
  for (let number = 1; number <= 6000; number++) {
    const grave = [1500, 3000, 3010, 4500, 4600].includes(number); // the third is one with the second, the last is the fifth
    const kind = grave ? 2 : 1;
    const same = { kind, template: kind, wording: kind, shape: kind, record: number };
    const score = number % 100 === 0 && !grave ? 18 : 0.5;
    const found = rule.add(
      { ...same, grave, trace: false, time: 0, isNew: false, far: false, rush: 0, score, unlike: 0, rarity: 0 },
      number,
      NO_RUSH,
    );
    if (grave && found) alarms.push([number, found.threshold]);
  }
  assert.equal(alarms, [
    [1500, Math.log2(1000)],
    [3000, Math.log2(1000)],
    [4500, Math.log2(1000)],
  ]);
});

function ruleAfter(count: number): (kind: number, score: number) => ReturnType<ReturnType<typeof alarmRule>['add']> {
  const rule = alarmRule(1000, 250);
  let number = 0;
  const add = (kind: number, score: number): ReturnType<typeof rule.add> => {
    number += 1;
    const same = { kind, template: kind, wording: kind, shape: kind, record: number };
    return rule.add(
      { ...same, grave: false, trace: false, time: 0, isNew: false, far: false, rush: 0, score, unlike: 0, rarity: 0 },
      number,
      NO_RUSH,
    );
  };
  for (let i = 0; i < count; i++) add(i % 4, 0.5 + (i % 7) / 7);
  return add;
}
/** Places of the alarms among lines of one kind. */
const alarmsAmong = (add: ReturnType<typeof ruleAfter>, kind: number, score: number, count = 10): number[] =>
  Array.from({ length: count }, () => add(kind, score)).flatMap((alarm, i) => (alarm ? [i] : []));

test('ten lines of a kind that are strange together are an alarm, however few lines came before', () => {
  for (const count of [260, 330, 600, 1000, 1900]) {
    assert.is(alarmsAmong(ruleAfter(count), 8, 7).length, 1, `after ${count} lines`);
    assert.is(alarmsAmong(ruleAfter(count), 8, 3).length, 0, `after ${count} lines`);
  }
});

test('a burst soon after another trouble is an alarm of its own where it began after it', () => {
  for (const between of [1, 8, 15]) {
    const add = ruleAfter(1000);
    assert.is(add(9, 40)?.kind, 'line');
    for (let i = 0; i < between; i++) assert.is(add(i % 4, 0.5), undefined);
    assert.is(alarmsAmong(add, 8, 7).length, 1, `${between} lines later`);
  }
  const add = ruleAfter(1000);
  assert.equal(alarmsAmong(add, 8, 7, 3), []);
  assert.is(add(9, 40)?.kind, 'line');
  assert.equal(alarmsAmong(add, 8, 7, 6), []);
});

test('a second burst in `oneIn` lines has to exceed the threshold clearly', () => {
  const second = (score: number, between: number): number => {
    const add = ruleAfter(1000);
    assert.is(alarmsAmong(add, 8, 6).length, 1);
    for (let i = 0; i < between; i++) assert.is(add(i % 4, 0.5 + (i % 7) / 7), undefined);
    return alarmsAmong(add, 7, score).length;
  };
  assert.equal([second(6, 100), second(9, 100), second(6, 1100)], [0, 1, 1]);
});

/** A rule that has seen a log in which every 90th line is news of a high score, and an error of little comes now and then. */
function ruleOfNews(count: number): (line: Partial<Ranked>) => ReturnType<ReturnType<typeof alarmRule>['add']> {
  const rule = alarmRule(1000, 250);
  let number = 0;
  const add = (line: Partial<Ranked>): ReturnType<typeof rule.add> => {
    number += 1;
    const kind = line.template ?? 1;
    const own = {
      kind,
      template: kind,
      wording: kind,
      shape: kind,
      record: number,
      time: 0,
      grave: false,
      trace: false,
    };
    return rule.add(
      { ...own, isNew: false, far: false, rush: 0, score: 0.5, unlike: 0, rarity: 0, ...line },
      number,
      NO_RUSH,
    );
  };
  for (let i = 1; i <= count; i++) {
    if (i % 90 === 0) add({ template: 1000 + i, isNew: true, score: 14 + (i % 4) });
    else if (i % 80 === 0) add({ template: 2, grave: true });
    else add({});
  }
  return add;
}
type Ranked = Parameters<ReturnType<typeof alarmRule>['add']>[0];

test('an error of a new template is an alarm by the errors before it, though other news scores higher', () => {
  const fresh: Partial<Ranked> = { template: 7, grave: true, isNew: true, score: 6 };
  const found = ruleOfNews(2400)(fresh);
  assert.is(found?.kind, 'line');
  assert.ok(found!.threshold < found!.score && found!.score < 14, JSON.stringify(found));
  assert.is(ruleOfNews(900)(fresh), undefined, 'before `oneIn` lines');
  assert.is(ruleOfNews(2400)({ ...fresh, isNew: false }), undefined, 'an error that is known');
  assert.is(ruleOfNews(2400)({ ...fresh, grave: false }), undefined, 'news');
});

test('a far number is an alarm by those before it, and others just after it are joined with it', () => {
  const far: Partial<Ranked> = { template: 7, far: true, score: 11 };
  const add = ruleOfNews(2400);
  assert.is(add(far)?.kind, 'line');
  assert.is(add({ ...far, template: 8, score: 13.5 }), undefined);
  for (let i = 0; i < 30; i++) add({});
  assert.is(add({ ...far, template: 8, score: 13.5 })?.kind, 'line');
  assert.is(ruleOfNews(1800)(far), undefined, 'before twice `oneIn` lines');
  assert.is(ruleOfNews(2400)({ ...far, far: false }), undefined);
});

test('a known template is an alarm again within `oneIn` lines only where its score is clearly higher', () => {
  const again = (score: number, between: number, line: Partial<Ranked> = {}): boolean => {
    const add = ruleOfNews(1000);
    assert.ok(add({ template: 7, score: 30 }));
    for (let i = 0; i < between; i++) add({});
    return add({ template: 7, score, ...line }) !== undefined;
  };
  assert.equal([again(30, 500), again(40, 500), again(30, 1100)], [false, true, true]);
  assert.ok(again(30, 500, { grave: true }));
  assert.ok(again(30, 500, { template: 8 }));
  assert.ok(again(30, 500, { far: true }), 'another reason');
});

test('lines that come much more often than before are an alarm once, and none where lines come in bursts', () => {
  const rush: Partial<Ranked> = { template: 7, rush: 4.3 };
  const add = ruleOfNews(2400);
  assert.equal([add({ ...rush, rush: 2.9 }), ruleOfNews(1800)(rush)], [undefined, undefined]);
  const found = add(rush)!;
  assert.equal([found.kind, found.score, found.threshold], ['rush', 4.3, 3]);
  const again = (line: Partial<Ranked>, between: number): string | undefined => {
    for (let i = 0; i < between; i++) add({});
    return add(line)?.kind;
  };
  assert.equal([again(rush, 100), again({ ...rush, template: 8 }, 100), again(rush, 900)], [undefined, 'rush', 'rush']);
  const bursting = ruleOfNews(2400);
  for (let i = 0; i < 800; i++) bursting({ rush: i % 100 < 5 ? 5 : 0 });
  assert.is(bursting(rush), undefined);
  assert.is(bursting({ ...rush, rush: 7 })?.kind, 'rush');
});

test('a usual line at twenty times its rate is an alarm that says so, whatever its rate is', () => {
  for (const [gap, usually] of [
    [60_000, /usually 2\d per hour$/],
    [4_800_000, /usually \d(\.\d)? per day$/],
  ] as const) {
    const draws = seeded(`rush ${gap}`);
    let time = Date.parse('2026-11-03T09:00:00Z');
    const line = (text: string, mean: number): string => {
      time += -mean * Math.log(1 - draws.uniform());
      return `${new Date(time).toISOString()} INFO ${text}`;
    };
    const usual = (): string => {
      const n = draws.uniform();
      const text = n < 0.2 ? 'order was placed' : n < 0.6 ? 'cache was read' : `served in ${Math.floor(n * 90)} ms`; // prettier-ignore
      return line(text, gap);
    };
    let scorer = lineScorer();
    for (let i = 0; i < 2600; i++) assert.is(scorer.score(usual()).alarm, undefined, `line ${i}`);
    scorer = lineScorer({ state: scorer.state() });
    const rush = Array.from({ length: 40 }, () => scorer.score(line('cache was read', gap / 8)));
    const found = rush.filter(({ alarm }) => alarm);
    assert.equal(found.map(({ alarm }) => alarm!.kind), ['rush'], `${gap}`); // prettier-ignore
    assert.match(found[0]!.why.reasons[0]!, /^burst: \d+ (?:lines like it )?within [\d.]+ (?:s|min|h), usually/);
    assert.match(found[0]!.why.reasons[0]!, usually);
  }
});

test('a clock that is set, or a silence, is not an alarm, and a rush after it is found', () => {
  for (const step of [-90_000, -3_600_000, -6e11, 7_200_000, 28_800_000, 4e10]) {
    const draws = seeded(`step ${step}`);
    let time = Date.parse('2026-11-03T09:00:00Z');
    const scorer = lineScorer();
    const score = (n: number, mean: number): readonly (string | undefined)[] =>
      Array.from({ length: n }, () => {
        time += -mean * Math.log(1 - draws.uniform());
        const text = draws.uniform() < 0.5 ? 'cache was read' : `served in ${Math.floor(draws.uniform() * 90)} ms`;
        return scorer.score(`${new Date(time).toISOString()} INFO ${text}`).alarm?.kind;
      });
    score(2600, 5000);
    time += step;
    assert.equal(score(1000, 5000).filter(Boolean), [], `${step}`);
    assert.ok(
      score(100, 200).some((kind) => kind === 'rush' || kind === 'burst'),
      `${step}`,
    );
  }
});

test('after three alarms in four times `oneIn` lines a score has to be above its threshold clearly', () => {
  const last = (alarms: number, score: number, between = 500, line: Partial<Ranked> = {}): string | undefined => {
    const add = ruleOfNews(5000);
    for (let i = 0; i < alarms; i++) {
      assert.ok(add({ template: 5000 + i, score: 40 }));
      for (let j = 0; j < between; j++) add({});
    }
    return add({ template: 6000, score, ...line })?.kind;
  };
  assert.equal([last(2, 20), last(3, 20), last(3, 26)], ['line', undefined, 'line']);
  assert.is(last(3, 20, 500, { grave: true }), 'line');
  assert.is(last(3, 20, 2100), 'line', 'more lines than that after the first');
});

test('what is an alarm again and again becomes usual', () => {
  const add = ruleOfNews(1000);
  const alarms = Array.from({ length: 6000 }, (_, i) =>
    i % 100 === 0 ? add({ template: 5000 + i, isNew: true, score: 45 }) : add({}),
  );
  const at = alarms.flatMap((alarm, i) => (alarm ? [i / 100] : []));
  assert.ok(at.length > 3 && at.length < 30 && at.at(-1)! < 40, at.join(' '));
});

test('what is joined with an alarm does not raise the threshold', () => {
  const rule = alarmRule(1000, 250);
  const usual = {
    template: 1,
    wording: 1,
    kind: 1,
    shape: 1,
    grave: false,
    trace: false,
    time: 0,
    isNew: false,
    far: false,
    rush: 0,
    unlike: 0,
    rarity: 0,
    score: 0.5,
  };
  const odd = { ...usual, score: 30, trace: true };
  let number = 0;
  const trouble = (): (number | undefined)[] => {
    for (let i = 0; i < 400; i++) rule.add({ ...usual, record: ++number }, number, NO_RUSH);
    const record = number + 1;
    return Array.from({ length: 8 }, (_, i) => {
      number += 1;
      return rule.add(
        { ...odd, record, kind: -record, wording: -record, shape: -record - i, template: record + i },
        number,
        NO_RUSH,
      )?.threshold;
    });
  };
  const [first, ...joined] = trouble();
  assert.ok(first! > 0 && joined.every((threshold) => threshold === undefined));
  const [second] = trouble();
  assert.ok(second !== undefined && second < first! + 1, `${first} ${second}`);
});

for (const warmUp of [1, 10, 116, 117, 200, 250]) {
  test(`warmUp: ${warmUp}: there can be an alarm from the line on that is not of learning any more`, () => {
    const scorer = lineScorer({ warmUp });
    let usual = scorer.score(calm[0]!);
    while (usual.learning) usual = scorer.score(calm[scorer.lines]!);
    assert.is(usual.number, Math.max(116, warmUp) + 1);
    const next = lineScorer({ warmUp });
    for (const line of calm.slice(0, usual.number - 1)) assert.is(next.score(line).learning, true);
    assert.ok(next.score('panic: impossible value 0xdeadbeef in scheduler, halting everything').alarm);
  });
}

test('oneIn: about one line in so many is an alarm, where scores are as they were', () => {
  const counts = [10, 30, 100, 1000].map((oneIn) => {
    const scorer = lineScorer({ oneIn });
    return calm.filter((line) => scorer.score(line).alarm !== undefined).length;
  });
  [10, 30].forEach((oneIn, i) => {
    const expected = (calm.length - 250) / oneIn;
    assert.ok(counts[i]! > expected / 2 && counts[i]! < 2 * expected, `one in ${oneIn}: ${counts[i]}`);
  });
  assert.ok(counts[2]! > 0 && counts[2]! < counts[1]! / 2, `one in 100: ${counts[2]}`);
  assert.is(counts[3], 0);
});

test('a number far from all before it in its place is an alarm that says so; the ends of a range are not', () => {
  for (const write of [
    (ms: number, i: number) =>
      `${secondOf(i)} INFO db: query ${i} took ${ms} ms on port ${1024 + ((i * 7919) % 60_000)}`,
    (ms: number, i: number) =>
      `{"level":30,"time":${1714557600000 + 1000 * i},"msg":"query done","id":${i},"took":${ms}}`,
    (ms: number, i: number) =>
      `${secondOf(i)} INFO db: request for items is done, took ${ms < 1000 ? `${ms}ms` : `${ms / 1000}s`}`,
  ]) {
    const scorer = lineScorer();
    const usual = Array.from({ length: 1000 }, (_, i) => scorer.score(write(10 + ((i * 31) % 21), i)));
    for (const { number, alarm, why } of usual) {
      assert.is(alarm, undefined, `line ${number}`);
      assert.not.match(why.reasons.join(), /^number|,number/);
    }
    const { alarm, why, score, parts } = scorer.score(write(90_000, 1000));
    assert.ok(alarm, `${score} ${JSON.stringify(parts)}`);
    assert.match(why.reasons.join(), /number 90(?:000(?:ms)?, before 10 to 30|s, before 0\.01 to 0\.03)/);
    assert.is(scorer.score(write(20, 1001)).alarm, undefined);
  }
});

for (const services of [1, 2, 4]) {
  test(`a spray over ${services} services is an alarm within 15 lines, and a state continues it`, () => {
    const draws = seeded(`spray over ${services}`);
    let time = Date.parse('2026-11-03T09:00:00Z');
    const write = (message: string, after: number): string => {
      time += after;
      const service = 'abcd'[Math.floor(draws.uniform() * services)];
      return JSON.stringify({ level: 'info', message, service, timestamp: new Date(time).toISOString() });
    };
    let scorer = lineScorer();
    for (let i = 0; i < 2000; i++) {
      const message = [`User ${i % 997} logged in`, `Order ${(i * 31) % 9973} placed`, 'Mail sent to queue'];
      scorer.score(write(message[Math.floor(draws.uniform() * 3)]!, 20 + 1300 * draws.uniform()));
    }
    const spray = Array.from({ length: 15 }, () => write('User 7 logged in', 30));
    const other = lineScorer({ state: scorer.state() });
    const scores = spray.map((line, i) => {
      if (i === 5) scorer = lineScorer({ state: scorer.state() });
      return scorer.score(line);
    });
    assert.equal(
      spray.map((line) => other.score(line)),
      scores,
    );
    const found = scores.find(({ alarm }) => alarm !== undefined);
    assert.is(found?.alarm?.kind, 'burst', scores.map(({ score }) => score.toFixed(1)).join(' '));
    assert.match(found!.why.reasons.join(), /burst: \d+ within 1\.5 s, usually \d+(?:\.\d)? per minute/);
  });
}

test('a burst says how many came, in what time, and how many are usual', () => {
  const parts = { unlike: 0, unlikeBefore: 0, rarityBefore: 0, word: 0, isNew: 0, value: 0, burst: 0, fatal: 0 };
  const none = { isNew: false, count: 100, before: 0, burstBits: 0, elapsed: 0, parts, grave: false, graves: 0, lines: 1000, far: undefined, newWords: [], newValues: [], continues: false }; // prettier-ignore
  const burst = (count: number, span: number) =>
    ({ kind: 'burst', score: 2, threshold: 1, since: 1, many: { count, span } }) as const;
  const rush = (rate: number) =>
    ({ kind: 'rush', score: 4, threshold: 3, since: 1, many: { count: 17, span: 12_000, rate } }) as const;
  const exceeded = burst(9, 12_000);
  const minutes = 60_000;
  for (const [elapsed, exceeded, text] of [
    [45.5 * minutes, burst(9, 12_000), '9 lines like it within 12 s, usually 2 per minute'],
    [45_500, burst(9, 12_000), '9 lines like it within 12 s, usually 2 per second'],
    [0, burst(9, 12_000), '9 lines like it within 12 s'],
    [1000, burst(100, 12_000), '100 lines like it within 12 s'],
    [1000, rush(2 / minutes), '17 lines like it within 12 s, usually 2 per minute'],
    [1000, rush(1.234 / (1440 * minutes)), '17 lines like it within 12 s, usually 1.2 per day'],
    [1000, rush(0), '17 lines like it within 12 s'],
    [0, burst(9, 0), '9 lines like it within 1 s'],
    [0, burst(9, 119_000), '9 lines like it within 119 s'],
    [0, burst(9, 150_000), '9 lines like it within 3 min'],
    [0, burst(9, 7_000_000), '9 lines like it within 117 min'],
    [0, burst(9, 7_200_000), '9 lines like it within 2 h'],
  ] as const) {
    assert.equal(reasonsOf({ ...none, elapsed, exceeded }), [`burst: ${text}`]);
  }
  const dense = { ...none, before: 47, burstBits: 20 };
  assert.equal(reasonsOf({ ...dense, elapsed: 52_000, exceeded }), ['burst: 48 within 1.5 s, usually 1 per second']);
  assert.equal(reasonsOf({ ...dense, elapsed: 52_000, exceeded: undefined }), ['burst: 48 within 1.5 s, usually 1 per second']); // prettier-ignore
  const set = { ...none, elapsed: 1000, exceeded: burst(9, -3000) };
  assert.equal(reasonsOf(set), ['the last lines like it are unusual together'], 'a clock that was set back');
});

test('where the template is the expected one an alarm names the value that never came', () => {
  const write = (path: string, status: number, i: number): string =>
    `10.0.0.${i % 50} - - [03/Nov/2026:09:${two(Math.floor(i / 60))}:${two(i % 60)} +0000] "GET ${path} HTTP/1.1" ${status} ${500 + i}`;
  const learned = (): ReturnType<typeof lineScorer> => {
    const scorer = lineScorer();
    for (let i = 0; i < 1000; i++) scorer.score(write(`/static/${'abc'[i % 3]}.js`, i % 9 ? 200 : 404, i));
    return scorer;
  };
  const { alarm, why } = learned().score(write('/cgi-bin/../../../etc/passwd', 400, 1000));
  assert.ok(alarm);
  assert.is(why.expected, why.seen);
  assert.equal(why.reasons, ['new words', 'unusual value "400"']);
  const error = learned().score(write('/static/a.js', 502, 1000));
  assert.equal([error.isNew, error.why.expected], [true, null]);
});

test('a number is seen whatever letters touch it, each in its place, and so is a sign that never came', () => {
  for (const write of [
    (n: number | string) => `INFO amount ${n} paid`,
    (n: number | string) => `信息 金额${n}元`,
    (n: number | string) => `信息 用户登录，耗时${n}毫秒`,
    (n: number | string) => `ИНФО сумма=${n}руб`,
    (n: number | string) => `信息 来自10.0.0.1的请求耗时${n}ms`,
    (n: number | string, i: number) => `信息 订单${(i * 7919) % 10_000}已支付，金额${n}元`,
  ]) {
    const learned = (): ReturnType<typeof lineScorer> => {
      const scorer = lineScorer();
      for (let i = 0; i < 1000; i++) {
        const { alarm, why } = scorer.score(`${secondOf(i)} ${write((i * 31) % 500, i)}`);
        assert.is(alarm, undefined, `line ${i}`);
        assert.not.match(why.reasons.join(), /number/);
      }
      return scorer;
    };
    for (const far of [99_999_999, -17]) {
      const { why, score } = learned().score(`${secondOf(1000)} ${write(far, 5)}`);
      assert.match(why.reasons.join(), new RegExp(`number ${far}(ms)?, before 0 to 499`), write(far, 5));
      assert.ok(score > 7, `${write(far, 5)} ${score}`);
    }
  }
});

test('a number below zero is as usual where those before it are about zero', () => {
  const scorer = lineScorer();
  for (let i = 0; i < 300; i++) scorer.score(`${secondOf(i)} INFO offset of the clock ${(i * 31) % 5} ms`);
  for (let i = 300; i < 310; i++) {
    assert.equal(scorer.score(`${secondOf(i)} INFO offset of the clock ${-(i % 2)} ms`).why.reasons, []);
  }
});

test('lines of any content are scored: empty, NUL, halves of pairs, long, other scripts', () => {
  const scorer = lineScorer();
  const odd = [
    '',
    '\u0000',
    '\ud800',
    'x'.repeat(1_000_000),
    'ошибка диска',
    '磁盘错误',
    '{"a":',
    '\u001b[31mred\u001b[0m',
    '<1>',
  ];
  for (let round = 0; round < 3; round++) {
    for (const line of odd) {
      const { bits, score, line: clean } = scorer.score(line);
      assert.ok(Number.isFinite(bits) && Number.isFinite(score) && bits >= 0, line.slice(0, 20));
      assert.is(clean.includes('\u001b'), false);
    }
  }
  assert.equal(scorer.score('ошибка памяти').why.newWords, ['памяти']);
});

test('memory is bounded: templates beyond the most are forgotten', () => {
  const scorer = lineScorer({ maxTemplates: 20 });
  for (let i = 0; i < 300; i++)
    scorer.score(Array.from({ length: 1 + (i % 30) }, (_, j) => `w${'xyz'[i % 3]!}${'abc'[j % 3]!}`).join(' '));
  assert.ok(scorer.templates <= 20);
  assert.is(scorer.lines, 300);
});

test('the operator takes a scorer that is kept', async () => {
  const scorer = lineScorer();
  const results = await lastValueFrom(from(lines.slice(0, 50)).pipe(surprisalByLine({ scorer }), toArray()));
  assert.equal(results, scores.slice(0, 50));
  assert.is(scorer.lines, 50);
});

test('burst: a tenth event at once is improbable, and an interval later nothing is', async () => {
  const events = [...Array.from({ length: 30 }, (_, i) => 10 * i), ...Array.from({ length: 10 }, () => 300), 400];
  const found = await lastValueFrom(
    from(events.map((time) => ({ key: 1, time }))).pipe(burst({ interval: 5 }), toArray()),
  );
  assert.equal([found[39]!.before, found[40]!.before, found[40]!.bits], [9, 0, 0]);
  assert.ok(found[39]!.bits > 15 && found[20]!.bits === 0);
});

test('mix: with one right and one wrong model it becomes as good as the right one', async () => {
  const right = [0.8, 0.1, 0.1];
  const wrong = [0.1, 0.1, 0.8];
  const items = Array.from({ length: 2000 }, (_, i) => ({
    distributions: [right, wrong],
    token: i % 10 < 8 ? 0 : (i % 2) + 1,
  }));
  const mixed = await lastValueFrom(from(items).pipe(mix({ models: 2, vocabSize: 3 }), toArray()));
  const bits = mixed.slice(1000).reduce((sum, { bits }) => sum + bits, 0) / 1000;
  assert.ok(bits < 0.95, `${bits}`); // the entropy of 0.8, 0.1, 0.1 is 0.92
});

test('bits per character count code points', () => {
  const { bits, bitsPerCharacter } = lineScorer().score('\u{1f600}\u{1f600} hello');
  assert.is(bitsPerCharacter, bits / 9);
});

test('the turn of a day, month or year in a line says nothing new, but a date far from those before is', () => {
  const at = (month: string, weekday: string, day: number, year: number): string =>
    `${weekday} ${month} ${day} 06:00:29 ${year} job done, log /var/log/a-${year}0${day}01.log, from [0${day}/${month}/${year}:06:00:29.123] until ${month} ${day} ${year}, 6:00:29 PM`;
  for (const turned of [at('Apr', 'Tue', 1, 2026), at('Jan', 'Thu', 1, 2027)]) {
    const scorer = lineScorer();
    for (let i = 0; i < 300; i++) scorer.score(at('Mar', 'Mon', 2, 2026));
    const { isNew, why, parts } = scorer.score(turned);
    assert.equal([isNew, why.newWords, why.reasons, parts.value], [false, [], [], 0], turned);
  }
  const scorer = lineScorer();
  for (let i = 0; i < 300; i++) scorer.score(`0${i % 10}:00:29 certificate expires 2026-03-0${1 + (i % 9)}`);
  assert.equal(scorer.score('06:00:29 certificate expires 2027-01-01').why.reasons, []);
  assert.equal(scorer.score('06:00:29 certificate expires 1970-01-01').why.reasons, [
    'date 1970-01-01, before 2026 to 2027',
  ]);
});

test('a line that the log calls critical ranks above the same as an error, but below a new template', () => {
  const [fatal, error, fresh] = ['FATAL', 'ERROR', 'WARN'].map((level) => {
    const scorer = lineScorer();
    for (let i = 0; i < 600; i++) {
      const written = i % 20 === 0 && level !== 'WARN' ? level : 'INFO';
      scorer.score(`${secondOf(i)} n${i % 9} RAS KERNEL ${written} data TLB error at ${i % 7}`);
    }
    const message = level === 'WARN' ? 'lost the clock of card 3' : 'data TLB error at 3';
    return scorer.score(`${secondOf(600)} n5 RAS KERNEL ${level} ${message}`);
  });
  assert.equal([fatal!.parts.fatal, error!.parts.fatal], [1, 0]);
  assert.ok(fatal!.score > error!.score && fatal!.score < fresh!.score, `${fatal!.score} ${error!.score}`);
});

test.run();
