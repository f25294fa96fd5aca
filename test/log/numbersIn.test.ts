import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lineScorer } from '../../src/index.js';
import { numbersIn } from '../../src/log/numbersIn.js';

/** The numbers of a value in the base unit of their families. */
const read = (value: string): (readonly [number, string])[] =>
  numbersIn(value).map(({ number, unit }) => [Number((number * unit.scale).toPrecision(12)), unit.family] as const);

for (const [value, number, family = ''] of [
  ['29512', 29_512],
  ['"29512.113ms"', 29_512.113, 'time'],
  ['81232,50', 81_232.5],
  ['81.232,50', 81_232.5],
  ['81.232.500', 81_232_500],
  ['1,234', 1234],
  ['1.234', 1.234],
  ['12,34,567', 1_234_567],
  ['1_000_000', 1_000_000],
  ["1'000'000.5", 1_000_000.5],
  ['1\u00a0000\u00a0000', 1_000_000],
  ['3.11e+07', 31_100_000],
  ['3.11E7', 31_100_000],
  ['1e-05', 0.000_01],
  ['-.5', -0.5],
  ['\u221229512', -29_512],
  ['(-29512)', -29_512],
  ['-$81,232.50', -81_232.5],
  ['$-81.50', -81.5],
  ['EUR81232.50', 81_232.5],
  ['81232,50€', 81_232.5, '€'],
  ['99.9%', 99.9, '%'],
  ['951.2°C', 951.2, '°C'],
  ['29512/s', 29_512, '/s'],
  ['1.5MB/s', 1_500_000, 'b/s'],
  ['12GB', 12e9, 'b'],
  ['12 GiB', 12 * 2 ** 30, 'b'],
  ['300mb', 300e6, 'b'],
  ['512 bytes', 512, 'b'],
  ['1.2k', 1200],
  ['took=1.2s', 1200, 'time'],
  ['900ms', 900, 'time'],
  ['250µs', 0.25, 'time'],
  ['1h23m', 4_980_000, 'time'],
  ['1h23m4.5s', 4_984_500, 'time'],
  ['2h 5m', 7_500_000, 'time'],
  ['PT1H23M', 4_980_000, 'time'],
  ['P1DT2H', 93_600_000, 'time'],
  ['耗时9823311毫秒', 9_823_311, 'time'],
  ['来自10.0.0.1的请求耗时29秒', 29_000, 'time'],
  ['took(29512ms)', 29_512, 'time'],
  ['{"ms":29512,"ok":true}', 29_512],
  ['**29512**', 29_512],
  ['main.go:120', 120],
] as const) {
  test(`${value} is ${number} of ${family === '' ? 'no unit' : family}`, () => {
    assert.equal(read(value), [[number, family]]);
  });
}

test('each number of a value is one, with what is in front of it', () => {
  assert.equal(
    numbersIn('20ms/29512ms').map(({ text, before }) => [text, before]),
    [
      ['20ms', ''],
      ['29512ms', '/'],
    ],
  );
  assert.equal(
    numbersIn('订单7已支付，金额9元').map(({ before }) => before),
    ['订单', '已支付，金额'],
  );
});

test('what is written in place of a number is known', () => {
  for (const value of ['nan', 'took=NaN', '-inf', '"Infinity"', 'infms']) {
    assert.equal(numbersIn(value).map(({ number }) => number), [NaN], value); // prettier-ignore
  }
  for (const value of ['infer', 'nanny', 'info', 'in', '']) assert.equal(numbersIn(value), [], value);
});

test('identifiers, addresses, dates, times of day, versions and paths have no numbers', () => {
  for (const value of [
    '2026-11-03',
    '2026/11/03',
    '10:11:12',
    '2026-11-03T09:00:00.123Z',
    '10.0.0.1:8080',
    '10.0.0.0/24',
    'web-01',
    'user42',
    'blk_-123',
    '0x1f',
    'a1b2c3',
    '12e5',
    'v1.2',
    '1.2.3',
    '/api/v1/29512/items',
    '550e8400-e29b-41d4-a716-446655440000',
    '%20',
    '1,2,3',
    'x'.repeat(200),
  ]) {
    // prettier-ignore
    assert.equal(numbersIn(value), [], value);
  }
});

const secondOf = (i: number): string => `2026-11-03T09:${String(Math.floor(i / 60)).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}.500Z`; // prettier-ignore
const go = (ms: number): string => (ms < 1000 ? `${ms.toFixed(1)}ms` : `${(ms / 1000).toFixed(2)}s`);

for (const [what, usual, far, before] of [
  ['a quoted duration', (x: number) => `"${x.toFixed(3)}ms"`, '"29512.113ms"', '10 to 29.98'],
  ['a decimal comma', (x: number) => x.toFixed(2).replace('.', ','), '81232,50', '10 to 29.98'],
  ['a share', (x: number) => `${(x / 10).toFixed(1)}%`, '99.9%', '1 to 3'],
  ['an exponent', (x: number) => x.toFixed(2), '3.11e+07', '10 to 29.98'],
  ['hours', (x: number) => `${Math.round(x)}s`, '1h23m', '10 to 30'],
  ['more bytes', (x: number) => `${Math.round(10 * x)}MB`, '12GB', '0.1 to 0.3'],
  ['a currency', (x: number) => `$${x.toFixed(2)}`, '$81,232.50', '10 to 29.98'],
  ['a rate', (x: number) => `${Math.round(x)}/s`, '29512/s', '10 to 30'],
  ['no number', (x: number) => `${Math.round(x)}`, 'NaN', '10 to 30'],
  ['a sign', (x: number) => x.toFixed(1), '-1', '10 to 30'],
] as const) {
  test(`a number far from all before it is an alarm that says so: ${what}`, () => {
    for (const write of [
      (value: string, i: number) => `${secondOf(i)} INFO db: query ${i} took ${value} on shard`,
      (value: string, i: number) => `time=${secondOf(i)} level=info msg="query done" id=${i} took=${value}`,
      (value: string, i: number) => JSON.stringify({ time: secondOf(i), level: 'info', msg: 'query done', http: { id: i, took: value } }), // prettier-ignore
    ]) {
      const scorer = lineScorer();
      for (let i = 0; i < 500; i++) {
        assert.is(scorer.score(write(usual(10 + ((i * 37) % 1000) / 50), i)).alarm, undefined, `line ${i}`);
      }
      const { alarm, why, strange } = scorer.score(write(far, 500));
      const line = write(far, 500);
      assert.ok(alarm, line);
      const reason = why.reasons.find((one) => one.startsWith('number '));
      assert.ok(reason?.includes(`, before ${before}`), `${line}: ${why.reasons.join()}`);
      assert.ok(strange.some(({ text }) => text.includes(far.replaceAll(/[",]/g, '').slice(-3)) || far.includes(text)), JSON.stringify(strange)); // prettier-ignore
    }
  });
}

test('a unit that changes with the size of the number is ordinary', () => {
  for (const write of [
    (i: number, x: number) => `${secondOf(i)} INFO db: query ${i} took ${go(x)}`,
    (i: number, x: number) => `${secondOf(i)} INFO db: query ${i} took ${go(x).replace(/(?=m?s$)/, ' ')} in all`,
    (i: number, x: number) => `${secondOf(i)} INFO db: cache ${i} has ${x < 1000 ? `${Math.round(x)}MB` : `${(x / 1000).toFixed(2)}GB`}`, // prettier-ignore
  ]) {
    const scorer = lineScorer();
    for (let i = 0; i < 500; i++) scorer.score(write(i, 800 + ((i * 37) % 199)));
    const { alarm, why, score } = scorer.score(write(500, 1020));
    assert.is(alarm, undefined, `${write(500, 1020)}: ${score} ${why.reasons.join()}`);
    assert.not.match(why.reasons.join(), /number|new words/);
    assert.match(scorer.score(write(501, 9_000_000)).why.reasons.join(), /number 9000/);
  }
});

test('many heavy-tailed numbers make no line strange, and a planted one is found among them', () => {
  let seed = 99;
  const uniform = (): number => ((seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) >>> 8) / 2 ** 24 + 1e-9;
  const pareto = (least: number): number => least / uniform() ** (1 / 1.2);
  const write = (i: number, took = pareto(2)): string =>
    `time=${secondOf(i)} level=info msg="request done" in=${Math.round(pareto(100))} out=${Math.round(pareto(500))} ` +
    `took=${go(took)} db=${go(pareto(1))} rows=${Math.round(pareto(1))} wait=${go(pareto(0.1))} heap=${Math.round(pareto(9000))}`;
  const scorer = lineScorer();
  let alarms = 0;
  for (let i = 0; i < 3000; i++) if (scorer.score(write(i)).alarm) alarms += 1;
  assert.ok(alarms <= 3, `${alarms}`);
  const { alarm, why } = scorer.score(write(3000, 1e9));
  assert.ok(alarm);
  assert.match(why.reasons.join(), /number 1000000\.00s/);
});

test.run();
