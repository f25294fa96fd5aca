// A server that scores texts and streams generated ones (SSE), for many clients at once: all scores share the passes of one
// model, and so do all streams. A request that cannot be met is answered, and disturbs no other.
import { setImmediate } from 'node:timers/promises';
import Fastify from 'fastify';
import { type Observable, Subject } from 'rxjs';
import { bundledFile, credit, encode, generateByKey, loadModel, pull, surprisalByKey, yielding } from 'rxrnn';
import type { GenerationRequest, KeyedToken } from 'rxrnn';

const { model, vocabulary } = loadModel(bundledFile('models/english.safetensors'));
const symbols = vocabulary!;
const MOST_PROMPT = 250_000; // characters, which are made tokens at once; they are read in slices
let turn = Promise.resolve();
let requests = 0; // each has a key of its own

/** Hands results of a pipeline that all requests share to the request that waits for them. */
function receivers<T extends { readonly key: number }>(result$: Observable<T>) {
  const byKey = new Map<number, (result: T) => void>();
  result$.subscribe((result) => byKey.get(result.key)?.(result));
  return byKey;
}

const token$ = new Subject<KeyedToken<number>>();
const scores = receivers(token$.pipe(surprisalByKey(model, { lanes: 64, maxSessions: 2048, fair: true })));

const generation$ = new Subject<GenerationRequest<number>>();
const cancel$ = new Subject<number>();
const refused = new Map<number, string>();
const onInvalid = ({ item, reason }: { item: { key: number }; reason: string }) => void refused.set(item.key, reason);
const generated = receivers(generation$.pipe(generateByKey(model, { vocabulary: symbols, cancel$, onInvalid })));

const app = Fastify({ bodyLimit: 0x100000 });
app.get('/ping', () => 'pong');

app.post<{ Body: { text: string } }>('/score', async ({ body }, reply) => {
  if (!body.text) return reply.code(400).send({ error: 'no text' });
  await (turn = turn.then(() => setImmediate())); // texts that come together are taken in one by one
  const key = requests++;
  const inFlight = credit({ high: 256 }); // tokens that wait to be scored: the rest of a long text is not read yet
  let [sent, scored, sum, ended] = [0, 0, 0, false];
  await new Promise<void>((resolve, reject) => {
    const answer = () => ended && scored === sent && resolve();
    scores.set(key, ({ bits }) => {
      sum += bits;
      scored++;
      inFlight.release();
      answer();
    });
    const symbol$ = pull(body.text, yielding(inFlight, 4)); // a long text leaves others their turn here, too
    symbol$.pipe(encode(symbols)).subscribe({
      next: (token) => {
        sent++;
        inFlight.hold();
        token$.next({ key, token });
      },
      error: reject,
      complete: () => {
        ended = true;
        answer();
      },
    });
  }).finally(() => scores.delete(key));
  return { characters: sent, bitsPerCharacter: sum / sent };
});

app.post<{ Body: { prompt: string; maxTokens?: number } }>('/generate', ({ body }, reply) => {
  const { prompt, maxTokens = 200 } = body;
  if (typeof prompt === 'string' && prompt.length > MOST_PROMPT)
    return reply.code(413).send({ error: `a prompt has at most ${MOST_PROMPT} characters` });
  const key = requests++;
  generation$.next({ key, prompt, maxTokens: Math.min(maxTokens, 1000), temperature: 0.7 });
  const reason = refused.get(key);
  refused.delete(key);
  if (reason !== undefined) return reply.code(400).send({ error: reason });
  reply.hijack();
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
  generated.set(key, ({ text, bits, session }) => {
    reply.raw.write(`data: ${JSON.stringify({ text, bits })}\n\n`);
    if (session) reply.raw.end(); // keep the session where the client may ask for more
  });
  reply.raw.on('close', () => {
    generated.delete(key);
    cancel$.next(key); // a client that left
  });
});

const { PORT } = process.env;
const url = await app.listen({ port: Number(PORT ?? 0) });
if (PORT === undefined) {
  const post = (path: string, body: object) =>
    fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const { bitsPerCharacter } = (await (await post('/score', { text: 'the whale' })).json()) as Record<string, number>;
  console.log(bitsPerCharacter! < 4); // -> true
  const events = await (await post('/generate', { prompt: 'the wh', maxTokens: 3 })).text();
  console.log(events.split('\n\n').length); // -> 4
  console.log((await post('/generate', { prompt: 'the wh', maxTokens: 0 })).status); // -> 400
  console.log((await post('/generate', { prompt: ' '.repeat(MOST_PROMPT + 1) })).status); // -> 413
  await app.close();
}
