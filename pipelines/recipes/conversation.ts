// A generated text that is interrupted, and goes on in another process: its session and its generator are in a file.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, of, Subject, tap } from 'rxjs';
import { bundledFile, generateByKey, loadModel, seeded, sessionBytes } from 'rxrnn';
import type { GenerationRequest, RandomState } from 'rxrnn';

const { model, vocabulary } = loadModel(bundledFile('models/english.safetensors'));
const { encode, decode } = sessionBytes(model);
const folder = mkdtempSync(join(tmpdir(), 'conversation-'));
const file = join(folder, 'ann.json');

/** Generates for a client, who leaves after so many characters; what is needed to go on is in the file all the time. */
async function write(request: Omit<GenerationRequest<string>, 'key' | 'random'>, until = Infinity): Promise<string> {
  const random = seeded('ann');
  let session;
  if (request.prompt === undefined) {
    const saved = JSON.parse(readFileSync(file, 'utf8')) as { session: string; random: RandomState };
    random.restore(saved.random);
    session = decode('ann', Buffer.from(saved.session, 'base64'));
  }
  const cancel$ = new Subject<string>();
  let written = '';
  const generated$ = of({ key: 'ann', ...request, session, random, temperature: 0.5 }).pipe(
    generateByKey(model, { vocabulary: vocabulary!, cancel$, sessionPerToken: true }),
    tap(({ text, session }) => {
      const bytes = Buffer.from(encode(session!)).toString('base64');
      writeFileSync(file, JSON.stringify({ session: bytes, random: random.state() })); // before the client has the text
      written += text;
      if (written.length === until) cancel$.next('ann');
    }),
  );
  await lastValueFrom(generated$);
  return written;
}

const whole = await write({ prompt: 'The whale', maxTokens: 60 });
const begun = await write({ prompt: 'The whale', maxTokens: 60 }, 25);
const rest = await write({ maxTokens: 35 });
console.log(begun.length, begun + rest === whole); // -> 25 true
rmSync(folder, { recursive: true });
