// The server of pipelines/recipes/server.ts under load: `npm run bench:serving`. While a request of 210,000 characters is
// under way, 500 clients have a text scored and 200 have one streamed; a ping every 5 ms says how long others wait.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Agent, request } from 'node:http';
import { command } from '../../pipelines/cli/command.js';
import { ROOT } from '../support/programOf.js';
import { median } from './timing.js';

const agent = new Agent({ keepAlive: true, maxSockets: 1000 });
const pinger = new Agent({ keepAlive: true, maxSockets: 1 }); // a connection of its own

await command(import.meta.url, {
  about: 'Milliseconds of a ping to a server that scores and generates for many clients at once.',
  options: {
    scores: { kind: 'count', help: 'clients that have a text scored', initial: 500 },
    streams: { kind: 'count', help: 'clients that have a text generated', initial: 200 },
    characters: { kind: 'count', help: 'length of the long request', initial: 210_000, most: 262_144 },
    json: { kind: 'flag', help: 'one JSON line' },
  },
  async run({ scores, streams, characters, json }) {
    const port = await freePort();
    const server = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        '--import',
        join(ROOT, 'test/bench/longestTurn.ts'),
        join(ROOT, 'pipelines/recipes/server.ts'),
      ],
      {
        cwd: ROOT,
        env: { ...process.env, PORT: String(port) },
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      },
    );
    try {
      await waitFor(port);
      const text = 'It was a wet, dark night, and the whale was gone. ';
      await call(port, '/score', { text }); // makes what the first request makes
      const idle = await pings(port, setTimeout(1000));
      await longestTurn(server); // of what came before
      const started = performance.now();
      const long = call(port, '/score', {
        text: text.repeat(Math.ceil(characters / text.length)).slice(0, characters),
      });
      const others = clients(scores + streams, (i) =>
        i < scores
          ? call(port, '/score', { text: text.repeat(4) })
          : call(port, '/generate', { prompt: 'The ', maxTokens: 200 }),
      ).then((answers) => ({ answers, seconds: (performance.now() - started) / 1000 }));
      const [busy, { answers, seconds }] = await Promise.all([pings(port, Promise.all([long, others])), others]);
      const turn = await longestTurn(server);
      const whole = (performance.now() - started) / 1000;
      const failed = answers.filter(({ status }) => status !== 200).length;
      const tokens = answers.reduce((sum, { body }) => sum + (body.match(/^data: /gm)?.length ?? 0), 0);
      const [worst, middle, alone] = [Math.max(...busy), median(busy), Math.max(...idle)];
      const figures = { pings: busy.length, worst_ms: worst, median_ms: middle, idle_worst_ms: alone, turn_ms: turn };
      if (json) return console.log(JSON.stringify({ ...figures, failed, tokens, others_s: seconds, whole_s: whole }));
      const rounded = [worst, middle, alone, turn].map((ms) => ms.toFixed(1));
      console.log(
        `ping: worst ${rounded[0]} ms, median ${rounded[1]} of ${busy.length}; worst when idle ${rounded[2]}`,
      );
      console.log(`longest turn of the server: ${rounded[3]} ms of its processor time`);
      console.log(
        `${scores} scores and ${streams} streams of ${tokens} tokens in ${seconds.toFixed(1)} s, ${failed} failed`,
      );
      console.log(`all in ${whole.toFixed(1)} s`);
    } finally {
      agent.destroy();
      pinger.destroy();
      server.kill();
    }
  },
});

/** Begins calls, ten in a turn, so that this process measures the server and not itself; all are under way at once. */
async function clients(count: number, begin: (i: number) => Promise<Answer>): Promise<Answer[]> {
  const answers: Promise<Answer>[] = [];
  for (let i = 0; i < count; i++) {
    answers.push(begin(i));
    if (i % 10 === 9) await setTimeout(1);
  }
  return Promise.all(answers);
}

/** The longest turn of the server's event loop since it was last asked, in milliseconds of its processor time. */
async function longestTurn(server: ChildProcess): Promise<number> {
  server.send('?');
  const [milliseconds] = (await once(server, 'message')) as [number];
  return milliseconds;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Posts JSON, or gets; the whole answer. */
function call(port: number, path: string, body?: object, by: Agent = agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request(
      { port, path, agent: by, method: body ? 'POST' : 'GET', ...(body && { headers }) },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => void (text += part));
        response.on('end', () => resolve({ status: response.statusCode!, body: text }));
      },
    );
    sent.on('error', reject).end(body && JSON.stringify(body));
  });
}

/** Pings every 5 ms until something is over; milliseconds of each. */
async function pings(port: number, until: Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  const left = new Set([until]);
  void until.finally(() => left.clear());
  while (left.size > 0) {
    const started = performance.now();
    await call(port, '/ping', undefined, pinger);
    times.push(performance.now() - started);
    await setTimeout(5);
  }
  return times;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function waitFor(port: number): Promise<void> {
  for (;;) {
    try {
      return void (await call(port, '/ping'));
    } catch {
      await setTimeout(50);
    }
  }
}
