// The page's server and the tap: nobody who watches changes a run, and nobody else may watch or steer.
import { createConnection } from 'node:net';
import { request } from 'node:http';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { of } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { adam, linear, rnn, sequential, train, vocabularyOf } from '../../src/index.js';
import { studio, type Topics } from '../../src/studio.js';
import { until } from '../support/until.js';
import { lossesOf, watchedRun, type WatchedRun } from './runs.js';

/** What a server answered. */
interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
}

/** A request with any headers, `Host` included. */
function ask(
  url: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Listens as a page does, until `upTo` or the server ends it. */
function listen(
  origin: string,
  upTo: (events: readonly Event[]) => boolean,
  lastId?: string,
  query = '',
): Promise<Event[]> {
  return new Promise((resolve, reject) => {
    const headers = lastId === undefined ? {} : { 'Last-Event-ID': lastId };
    const sent = request(`${origin}/events${query}`, { headers, agent: false }, (response) => {
      const events: Event[] = [];
      let rest = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const parts = (rest + chunk).split('\n\n');
        rest = parts.pop()!;
        for (const part of parts) {
          const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1];
          if (field('event') === undefined) continue;
          events.push({ topic: field('event') as keyof Topics, id: field('id'), data: JSON.parse(field('data')!) });
        }
        if (!upTo(events)) return;
        response.destroy();
        resolve(events);
      });
      response.on('end', () => resolve(events));
    });
    sent.on('error', reject);
    sent.end();
  });
}

interface Event {
  readonly topic: keyof Topics;
  readonly id: string | undefined;
  readonly data: unknown;
}

/** Runs a body with a run and its page, which is closed afterwards. */
async function withRun(
  body: (run: WatchedRun, origin: string, token: string) => Promise<void>,
  given = {},
): Promise<void> {
  const run = watchedRun(given);
  const url = new URL(await run.page.url);
  const token = url.searchParams.get('token')!;
  try {
    await body(run, url.origin, token);
  } finally {
    await run.page.close();
  }
}

const STEPS = 400;

test('losses are the same to the bit without a page, with one, and with one that never reads', async () => {
  const { windows$, model, page } = watchedRun({ fast: true });
  await page.close();
  const alone = await lossesOf(windows$.pipe(train(model, { optimizer: adam({ learningRate: 0.01 }) })), STEPS);
  assert.is(new Set(alone).size > STEPS / 2, true);

  for (const kind of ['closed', 'open', 'slow'] as const) {
    await withRun(
      async ({ step$ }, origin, token) => {
        const socket = createConnection(Number(new URL(origin).port), '127.0.0.1');
        if (kind !== 'closed') {
          socket.write(`GET /events HTTP/1.1\r\nHost: ${new URL(origin).host}\r\n\r\n`);
          if (kind === 'slow') socket.pause();
          else socket.resume();
          const questions = [
            { name: 'unit', value: 3 },
            { name: 'prompt', value: 'the' },
          ];
          for (const question of questions) {
            await ask(`${origin}/act`, {
              method: 'POST',
              headers: { 'x-studio-token': token },
              body: JSON.stringify(question),
            });
          }
        }
        assert.equal(await lossesOf(step$, STEPS), alone, kind);
        socket.destroy();
      },
      { fast: true },
    );
  }
});

test('who opens late is sent everything; who comes again is sent what is new, and misses no step', async () => {
  await withRun(async ({ step$ }, origin) => {
    const running = step$.subscribe();
    const first = await listen(origin, (events) => events.filter(({ topic }) => topic === 'points').length > 2);
    const topics = first.map(({ topic }) => topic);
    for (const topic of ['about', 'controls', 'samples', 'text', 'curves', 'pipeline']) {
      assert.ok(topics.includes(topic as keyof Topics), topic);
    }
    const counted = (events: readonly Event[]): number =>
      events
        .filter(({ topic }) => topic === 'points' || topic === 'curves')
        .flatMap(({ data }) => (data as Topics['points']).count)
        .reduce((sum, count) => sum + count, 0);
    const id = first.at(-1)!.id!;
    assert.is(String(counted(first)), id.split('.')[1]);
    const again = await listen(origin, (events) => events.some(({ topic }) => topic === 'points'), id);
    assert.not(again.some(({ topic }) => topic === 'curves'));
    assert.is(String(counted(first) + counted(again)), again.findLast(({ id }) => id !== undefined)!.id!.split('.')[1]);
    const other = await listen(origin, (events) => events.some(({ topic }) => topic === 'curves'), 'another.3');
    assert.ok(other.length > 0, 'an id of another run counts as none');
    running.unsubscribe();
  });
});

test('another Host is 421, another Origin or site 403, and steering without the token 403', async () => {
  await withRun(async (_, origin, token) => {
    const { host, port } = new URL(origin);
    const status = async (path: string, options: Parameters<typeof ask>[1]): Promise<number> =>
      (await ask(origin + path, options)).status;
    for (const Host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      `127.0.0.1:${Number(port) + 1}`,
      `127.0.0.2:${port}`,
    ]) {
      for (const path of ['/', '/events', '/page.js', '/act'])
        assert.is(await status(path, { headers: { Host } }), 421, Host);
    }
    assert.is(await status('/', { headers: { Host: `localhost:${port}` } }), 200);
    for (const Origin of [
      'http://evil.example',
      'null',
      `https://${host}`,
      `http://localhost:${port}`,
      'http://127.0.0.1',
    ]) {
      assert.is(await status('/events', { headers: { Origin } }), 403, Origin);
      assert.is(
        await status('/act', { method: 'POST', headers: { Origin, 'x-studio-token': token }, body: '{}' }),
        403,
        Origin,
      );
    }
    assert.is(
      await status('/page.js', { headers: { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' } }),
      403,
    );
    assert.is(await status('/page.js', { headers: { Origin: origin, 'Sec-Fetch-Site': 'same-origin' } }), 200);
    const followed = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };
    assert.is(await status('/', { headers: followed }), 200);
    const body = JSON.stringify({ name: 'pause' });
    for (const given of [undefined, '', 'x', `${token}x`, token.slice(1)]) {
      const headers: Record<string, string> = given === undefined ? {} : { 'x-studio-token': given };
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        assert.is(await status('/act', { method, headers, body }), 403, `${method} ${given}`);
        assert.is(await status('/', { method, headers, body }), 403);
      }
    }
    assert.is(await status(`/act?token=${token}`, { method: 'POST', body }), 204);
  });
});

test('what is asked is checked: paths, methods, sizes, JSON, actions', async () => {
  await withRun(async ({ controls }, origin, token) => {
    const post = (body: string): Promise<Answer> =>
      ask(`${origin}/act`, { method: 'POST', headers: { 'x-studio-token': token }, body });
    assert.is((await ask(`${origin}/nothing`)).status, 404);
    assert.is((await ask(`${origin}/constructor`)).status, 404);
    assert.is((await ask(`${origin}/../../etc/passwd`)).status, 404);
    assert.is((await ask(`${origin}/page.js`, { method: 'PUT', headers: { 'x-studio-token': token } })).status, 405);
    assert.is((await post(' '.repeat(5000))).status, 413);
    for (const [body, message] of [
      ['', /JSON/],
      ['{', /JSON/],
      ['null', /must be an action/],
      ['{"name":"learningRate","value":-1}', /learningRate must be a number from 0 up, got -1/],
      ['{"name":"span","from":0}', /span must be from and to/],
      ['{"name":"span","from":5,"to":2}', /span must lie within/],
      ['{"name":"unit","value":-1}', /unit must be the index/],
      [`{"name":"prompt","value":"${'x'.repeat(600)}"}`, /prompt must be a text of at most 500/],
    ] as const) {
      const { status, text } = await post(body);
      assert.is(status, 400, body);
      assert.match(text, message);
    }
    assert.is((await post('{"name":"learningRate","value":0.5}')).status, 204);
    let rate = 0;
    controls.learningRate$.subscribe((value) => (rate = value)).unsubscribe();
    assert.is(rate, 0.5);
  });
});

test('every answer carries a policy without inline scripts, and the page asks for its own files alone', async () => {
  await withRun(async (_, origin) => {
    for (const path of ['/', '/page.js', '/page.css', '/nothing']) {
      const { headers } = await ask(origin + path);
      const policy = String(headers['content-security-policy']);
      assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
      assert.not.match(policy, /unsafe|\*/);
      assert.is(headers['x-content-type-options'], 'nosniff');
      assert.is(headers['referrer-policy'], 'no-referrer');
    }
    const { text } = await ask(origin);
    assert.not.match(text, /<script(?! type="module" src="\/page\.js")|<style| on\w+=| style=|https?:/);
  });
});

test('connections are limited: the seventeenth page that listens is refused, and one that leaves makes room', async () => {
  await withRun(async ({ step$ }, origin) => {
    const running = step$.subscribe();
    let leave = false;
    const arrived = new Set<number>();
    const open = Array.from({ length: 16 }, (_, i) => listen(origin, () => arrived.add(i) && leave));
    await until(() => arrived.size === 16);
    assert.is((await ask(`${origin}/events`)).status, 503);
    leave = true;
    await Promise.all(open);
    await until(async () => (await listen(origin, (events) => events.length > 0)).length > 0);
    running.unsubscribe();
  });
});

test('only this machine is listened to', async () => {
  await withRun(async (_, origin) => {
    assert.is(new URL(origin).hostname, '127.0.0.1');
  });
});

test('a saved page is one file with everything in it, and nothing that could leave it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rxrnn-studio-'));
  const run = watchedRun({ fast: true }, { title: '</script><script>alert(1)</script>' });
  try {
    await run.page.url;
    await lossesOf(run.step$, 50);
    const path = join(folder, 'run.html');
    await run.page.export(path);
    const text = readFileSync(path, 'utf8');
    assert.is(text.match(/<script/g)!.length, 2);
    assert.match(
      text,
      /content="default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; img-src data:;/,
    );
    assert.not.match(text, /<link rel="stylesheet"|src="/);
    const data = JSON.parse(/id="saved">(.*?)<\/script>/.exec(text)![1]!) as Partial<Topics>;
    assert.is(data.about!.title, '</script><script>alert(1)</script>');
    assert.is(
      data.curves!.count.reduce((sum, count) => sum + count, 0),
      50,
    );
  } finally {
    await run.page.close();
    rmSync(folder, { recursive: true });
  }
});

test('a port that is taken is said; a page that is closed answers no more', async () => {
  const first = studio({ onUrl: () => undefined });
  const { port, origin } = new URL(await first.url);
  const second = studio({ port: Number(port), onUrl: () => undefined });
  await second.url.then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.message, `studio: port ${port} cannot be used: another program uses it`),
  );
  await second.close();
  await first.close();
  await ask(origin).then(
    () => assert.unreachable(),
    (error: NodeJS.ErrnoException) => assert.is(error.code, 'ECONNREFUSED'),
  );
});

test('the page comes with the topics of the run, as text that holds no tag, and events continue from there', async () => {
  const evil = '</template><script>alert(1)</script><!-- &lt;';
  const page = studio({ title: evil, onUrl: () => undefined });
  const { origin } = new URL(await page.url);
  const step = { tokens: 1, loss: 1, gradientNorm: 1, learningRate: 1 };
  of({ step: 1, ...step }, { step: 2, ...step })
    .pipe(page)
    .subscribe();
  const { text } = await ask(`${origin}/`);
  assert.not.match(text, /<script>|<!--/);
  const [, data = ''] = /<template id="now">(.*?)<\/template>/.exec(text) ?? [];
  const { id, topics } = JSON.parse(data) as { id: string; topics: Topics };
  assert.is(topics.about.title, evil);
  assert.equal(topics.curves.step, [1, 2]);
  of({ step: 3, ...step })
    .pipe(page)
    .subscribe();
  const events = await listen(origin, (all) => all.some(({ topic }) => topic === 'points'), undefined, `?drawn=${id}`);
  assert.not.ok(events.some(({ topic }) => topic === 'curves'));
  assert.equal((events.find(({ topic }) => topic === 'points')!.data as Topics['points']).step, [3]);
  const other = await listen(origin, (all) => all.some(({ topic }) => topic === 'curves'), undefined, '?drawn=other.2');
  assert.equal((other.find(({ topic }) => topic === 'curves')!.data as Topics['curves']).step, [1, 2, 3]);
  await page.close();
});

test('a run without a model, a text or controls is shown all the same; series and attention come as they are given', async () => {
  const page = studio({ onUrl: () => undefined });
  const { origin, searchParams } = new URL(await page.url);
  of({ step: 1, tokens: 1, loss: 1, gradientNorm: 1, learningRate: 1 }).pipe(page).subscribe();
  of({ value: 1, expected: 2, low: 0, high: 3 }, { value: NaN, alarm: true, note: 'a\u001b[31mb' })
    .pipe(page.series('load'))
    .subscribe();
  page.attention({ inputs: ['a'], outputs: ['b'], weights: [[1]] });
  const events = await listen(origin, (all) => all.some(({ topic }) => topic === 'curves'));
  const topic = (name: keyof Topics): unknown => events.find(({ topic }) => topic === name)?.data;
  assert.equal((topic('about') as Topics['about']).reads, false);
  assert.equal(topic('controls'), undefined);
  assert.equal((topic('series') as Topics['series'])[0], {
    title: 'load',
    time: [1, 2],
    value: [1, null],
    expected: [2, null],
    low: [0, null],
    high: [3, null],
    alarms: [2],
    notes: [{ time: 2, note: 'a\\u001b[31mb' }],
  });
  assert.equal(topic('attention'), { inputs: ['a'], outputs: ['b'], weights: [[1]] });
  const headers = { 'x-studio-token': searchParams.get('token')! };
  const { status, text } = await ask(`${origin}/act`, { method: 'POST', headers, body: '{"name":"pause"}' });
  assert.equal([status, text], [400, 'studio: this run has no controls\n']);
  await page.close();
});

test('a model whose outputs are not finite is shown all the same: it has no sample', async () => {
  const symbols = vocabularyOf(['a', 'b']);
  const model = sequential({
    rnn: rnn({ inputSize: 2, hiddenSize: 2 }),
    linear: linear({ inputSize: 2, outputSize: 2 }),
  });
  model.weights.numbers.fill(NaN);
  const page = studio({ model, vocabulary: symbols, text: 'abab', onUrl: () => undefined });
  const { origin } = new URL(await page.url);
  page.sample();
  const events = await listen(origin, (all) => all.some(({ topic }) => topic === 'about'));
  assert.not.ok(events.some(({ topic }) => topic === 'samples'));
  await page.close();
});

test('a series that is shown in two places goes on counting', async () => {
  const page = studio({ onUrl: () => undefined });
  for (let i = 0; i < 2; i++) of({ value: 1 }, { value: 2 }).pipe(page.series('load')).subscribe();
  const events = await listen(new URL(await page.url).origin, (all) => all.some(({ topic }) => topic === 'series'));
  assert.equal((events.find(({ topic }) => topic === 'series')!.data as Topics['series'])[0]!.time, [1, 2, 3, 4]);
  await page.close();
});

test('options that are not known, or not as they must be, are refused', () => {
  assert.throws(() => studio({ prot: 1 } as never), /studio: unknown option prot; did you mean port\?/);
  assert.throws(() => studio({ port: 70_000 }), /studio: port must be an integer from 0 to 65535, got 70000/);
  assert.throws(() => studio({ model: {} as never }), /studio: model must be a model/);
  assert.throws(() => studio({ text: 5 as never }), /studio: text must be a string or an array of tokens, got 5/);
  assert.throws(() => studio({ runs: {} as never }), /studio: runs must be an array of runs, got/);
  const run = { name: 'first', settings: {}, steps: [1, 2], losses: [4] };
  assert.throws(() => studio({ runs: [run] }), /studio: runs\[0\] must have a loss for each of its steps, got 1 for 2/);
  const losses = ['4'] as never;
  assert.throws(() => studio({ runs: [{ ...run, losses }] }), /studio: runs\[0\]\.losses must be an array of numbers/);
});

test.run();
