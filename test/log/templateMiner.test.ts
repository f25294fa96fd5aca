import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { templateMiner, type TemplateMatch } from '../../src/index.js';
import { maskToken } from '../../src/log/maskToken.js';
import { seeded } from '../../src/random/seeded.js';

for (const [token, text, kind] of [
  ['24200', '<*>', 'number'],
  ['-12.5', '<*>', 'number'],
  ['sshd[24200]:', 'sshd[<*>]:', 'number'],
  ['blk_-1608999687919862906', 'blk_<*>', 'number'],
  ['0x7fed806eb5d', '<*>', 'hex'],
  ['id=9f4ef63a', 'id=<*>', 'hex'],
  ['/10.251.73.220:50010', '/<*>', 'address'],
  ['fe80::c6b3:1ff:fe9a', '<*>', 'address'],
  ['00:1b:44:11:3a:b7', '<*>', 'address'],
  ['6ba7b810-9dad-11d1-80b4-00c04fd430c8', '<*>', 'uuid'],
  ['18:01:47,978', '<*>', 'time'],
  ['2015-10-18T18:01:47.978Z', '<*>', 'time'],
  ['Jul', '<*>', 'time'],
  ['/var/log/nginx/error.log', '<*>', 'path'],
  ['file=/tmp/a/b', 'file=<*>', 'path'],
  ['user=root', 'user=<*>', 'word'],
  ['facade', 'facade', 'word'],
  ['July', 'July', 'word'],
  ['/', '/', 'word'],
  ['and/or', 'and/or', 'word'],
  ['user=', 'user=', 'word'],
] as const) {
  test(`${token} is masked as ${text}, ${kind}`, () => assert.equal(maskToken(token), { text, kind }));
}

test('tokens of any length are masked in linear time', () => {
  for (const token of ['a', '1', '1:', '1.', 'f:', '/a', '=', '<*>', '-', 'a1', '1-'].map((part) =>
    part.repeat(4096),
  )) {
    const started = process.cpuUsage();
    maskToken(token);
    const { user } = process.cpuUsage(started);
    assert.ok(user < 500_000, `${token.slice(0, 4)}: ${user} microseconds`);
  }
});

test('lines that differ in a word share a template, in which it becomes a wildcard', () => {
  const miner = templateMiner();
  const first = miner.match('Failed password for root from 10.0.0.1 port 22');
  assert.equal(
    [first.id, first.isNew, first.template, first.parameters],
    [0, true, 'Failed password for root from <*> port <*>', ['10.0.0.1', '22']],
  );
  const second = miner.match('Failed password for alice from 10.0.0.2 port 23');
  assert.equal([second.id, second.isNew, second.changed], [0, false, true]);
  assert.equal(second.parameters, ['alice', '10.0.0.2', '23']);
  assert.equal(second.slots, [3, 5, 7]);
  assert.equal(second.kinds, ['word', 'address', 'number']);
  const third = miner.match('Failed password for bob from 10.0.0.2 port 23');
  assert.equal([third.id, third.changed], [0, false]);
});

test('another length, other first words, or too few equal words are another template', () => {
  const miner = templateMiner();
  const ids = ['a b c d', 'a b c', 'a x c d', 'a b y z', 'a b c d'].map((line) => miner.match(line).id);
  assert.equal(ids, [0, 1, 2, 3, 0]);
});

test('lines of different scope never share a template', () => {
  const miner = templateMiner();
  assert.equal([miner.match('x y', 'a').id, miner.match('x y', 'b').id, miner.match('x y', 'a').id], [0, 1, 0]);
  assert.is(miner.match('x y', 'b\u0000').id, 2);
});

test('empty lines, long lines and control characters have templates', () => {
  const miner = templateMiner();
  assert.equal([miner.match('').id, miner.match(' \t').id, miner.match('').template], [0, 0, '']);
  assert.ok(miner.match('word '.repeat(100_000)).template.length <= 256 * 5);
  assert.ok(miner.match('w'.repeat(100_000)).template.length <= 4096);
  assert.is(miner.match('a\u0000b').template, 'a b');
});

test('beyond the most templates the least recently used is dropped, and its number is not used again', () => {
  const miner = templateMiner({ maxTemplates: 2 });
  miner.match('alpha one');
  miner.match('beta two');
  miner.match('alpha one');
  const third = miner.match('gamma three');
  assert.equal([third.id, third.dropped, miner.size], [2, 1, 2]);
  assert.is(miner.match('alpha one').id, 0);
  const again = miner.match('beta two');
  assert.equal([again.id, again.isNew, again.dropped], [3, true, 2]);
});

test('at its limit, where all lines are compared with each other, it goes on as one that starts from its state', () => {
  const letters = (i: number): string => i.toString().replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)]!);
  const random = seeded(4);
  const same = 'a '.repeat(32); // of lines as long no word becomes a wildcard by the templates of others
  const lines = Array.from(
    { length: 3000 },
    () => `${same}${letters(random.integer(600))} ${letters(random.integer(3))}`,
  );
  const whole = templateMiner({ maxTemplates: 400, similarity: 1 });
  let miner = templateMiner({ maxTemplates: 400, similarity: 1 });
  for (const [i, line] of lines.entries()) {
    if (i % 500 === 0) miner = templateMiner({ state: miner.state() });
    assert.equal(miner.match(line), whole.match(line));
  }
  assert.is(whole.size, 400);
});

const letters = 'abcdefghijklmnopqrstuvwxyz';
const idOf = (random: ReturnType<typeof seeded>, length: number): string =>
  Array.from({ length }, () => letters[random.integer(26)]).join('');

test('identifiers made of letters share a template once eight were seen, wherever in the line they are', () => {
  for (const write of [
    (id: string) => `done ${id}`,
    (id: string) => `deleted object ${id}`,
    (id: string) => `session ${id} opened for user root`,
    (id: string) => `${id} is up`,
    (id: string) => `GET /${id} HTTP/1.1`,
    (id: string) => `move ${id} ${id}z`,
    (id: string) => `copied "${id}" to ${id}y`,
  ]) {
    const random = seeded(write('id'));
    const miner = templateMiner();
    const matches = Array.from({ length: 60 }, () => miner.match(write(idOf(random, 8))));
    assert.is(miner.size, 9, write('id'));
    assert.is(new Set(matches.slice(8).map(({ id }) => id)).size, 1);
    assert.is(matches.at(-1)!.template, write('id').replaceAll(/\S*id\S*|(?<=HTTP\/)\S+/g, '<*>'));
    const [id] = matches.at(-1)!.parameters.slice(-1);
    assert.ok(id!.length > 0 && matches.slice(9).every(({ isNew, changed }) => !isNew && !changed));
  }
});

test('words that come again and again keep templates of their own, and few values make no wildcard', () => {
  const random = seeded(8);
  const miner = templateMiner();
  const states = ['lost', 'closed', 'reset', 'refused', 'opened', 'ready', 'idle'];
  for (let i = 0; i < 400; i++) {
    miner.match(`connection ${states[random.integer(states.length)]!}`);
    miner.match('job finished');
    miner.match(`job ${idOf(random, 7)}`);
  }
  assert.is(miner.match('job finished').template, 'job finished');
  assert.is(miner.match('job started').template, 'job <*>');
  for (const state of states) assert.is(miner.match(`connection ${state}`).template, `connection ${state}`);
  assert.is(miner.match('connection hijacked').isNew, true);
  assert.is(miner.size, states.length + 1 + 1 + 8 + 1);
  for (let i = 0; i < 20; i++) miner.match(`task ${idOf(random, 7)} done`);
  assert.is(miner.match(`task ${idOf(random, 7)} failed`).template.endsWith(' failed'), true);
});

test('single words and lines without a constant word share a template from a hundred on', () => {
  const random = seeded(9);
  const miner = templateMiner();
  for (let i = 0; i < 400; i++) {
    miner.match(idOf(random, 9));
    miner.match(`${idOf(random, 5)} ${idOf(random, 5)}`);
  }
  assert.is(miner.size, 202);
  assert.is(miner.match(`${idOf(random, 5)} ${idOf(random, 5)}`).template, '<*> <*>');
});

test('memory is bounded: templates, lines remembered and branches', () => {
  const miner = templateMiner({ maxTemplates: 50, maxChildren: 5 });
  const random = seeded(1);
  const word = (): string => String.fromCharCode(97 + random.integer(26), 97 + random.integer(26));
  for (let i = 0; i < 3000; i++) miner.match(`${word()} ${word()} ${word()}`);
  const { templates, known } = miner.state();
  assert.ok(templates.length <= 50 && known.length <= 200, `${templates.length} ${known.length}`);
});

test('a state continues in another miner as in the first, through JSON', () => {
  const random = seeded(2);
  const pick = (of: readonly string[]): string => of[random.integer(of.length)]!;
  const lines = Array.from({ length: 600 }, (_, i) => {
    const name = pick(['open', 'close', 'read', 'write', 'move', 'sync', `x${i}y`]);
    return `${name} ${pick(['file', 'socket', 'pipe'])} ${pick(['a', 'b', 'c', 'd'])} of ${pick(['root', 'bob', 'eve'])} ${i}`;
  }).flatMap((line, i) => (i % 2 === 0 ? [line] : [line, `done ${idOf(random, 6)}`]));
  const whole = templateMiner({ maxTemplates: 12, maxChildren: 3 });
  const expected = lines.map((line) => whole.match(line));
  let miner = templateMiner({ maxTemplates: 12, maxChildren: 3 });
  const found: TemplateMatch[] = lines.map((line, i) => {
    if (i % 37 === 0) miner = templateMiner({ state: JSON.parse(JSON.stringify(miner.state())) as never });
    return miner.match(line);
  });
  assert.equal(found, expected);
  assert.equal(miner.state(), whole.state());
  assert.ok(new Set(expected.map(({ id }) => id)).size > 12);
});

test('a state that is none is refused with the part that is wrong', () => {
  assert.throws(() => templateMiner({ state: 7 as never }), /state must be what state\(\) of a miner gave, got 7/);
  const state = templateMiner().state();
  assert.throws(
    () => templateMiner({ state: { ...state, next: -1 } }),
    /templateMiner: state\.next must be an integer/,
  );
  assert.throws(() => templateMiner().match(7 as never), /templateMiner: line must be a string, got 7/);
});

test.run();
