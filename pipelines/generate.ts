// Streams text that a model makes up, character by character as each is drawn, coloured by how surprising it was.
import { lastValueFrom, takeUntil } from 'rxjs';
import { yielding, closed, credit, generateText, seeded, concatMapBounded, write } from '../src/index.js';
import { command, UsageError } from './cli/command.js';
import { openModel } from './models/openModel.js';
import { colourful, paint } from './cli/paint.js';
import { bundledModelPath } from './models/bundledModelPath.js';

await command(import.meta.url, {
  about: `Goes on with a text as a model would: the one that charlm.ts has saved, or without --model one of English that
comes with the project. On a terminal colours tell what the model itself found surprising; NO_COLOR turns them off.`,
  options: {
    model: { kind: 'text', help: 'a saved model of text (data/models/english.safetensors)' },
    prompt: { kind: 'text', help: 'what the text begins with (the start of a line)' },
    'max-tokens': { kind: 'count', help: 'characters to make', initial: 400 },
    temperature: { kind: 'number', help: 'below 1 the likely gets likelier, above 1 less so', initial: 0.7, least: 0 },
    'top-k': { kind: 'count', help: 'draw from so many likeliest characters' },
    'top-p': { kind: 'number', help: 'draw from the likeliest that have this share together', most: 1 },
    stop: { kind: 'text', help: 'end after this text' },
    seed: { kind: 'seed', help: 'seed of the draws', initial: 0 },
    json: { kind: 'flag', help: 'one JSON object a character and nothing else' },
  },
  async run({ model: path = bundledModelPath('english'), prompt = '', temperature, stop, seed, json, ...options }) {
    const { model, symbols } = openModel(path);
    const { 'max-tokens': maxTokens, 'top-k': topK, 'top-p': topP } = options;
    const lacking = [...prompt].find((symbol) => symbols.token(symbol) === undefined);
    if (lacking !== undefined) throw new UsageError(`--prompt: the model knows no ${JSON.stringify(lacking)}`);
    const painted = paint(colourful(process.stdout));
    const lineEnd = symbols.token('\n');
    const inFlight = credit({ high: 64, low: 32 }); // text that waits for a slow reader

    if (!json) process.stdout.write(prompt);
    const generated$ = generateText(model, {
      vocabulary: symbols,
      prompt,
      maxTokens,
      temperature,
      random: seeded(seed),
      demand: yielding(inFlight),
      ...(lineEnd !== undefined && { previous: lineEnd }),
      ...(topK !== undefined && { topK }),
      ...(topP !== undefined && { topP }),
      ...(stop !== undefined && { stop }),
    }).pipe(
      concatMapBounded(inFlight, ({ token, text, bits }) =>
        json ? write(JSON.stringify({ token, bits })) : write(painted(text, bits), process.stdout, ''),
      ),
      takeUntil(closed()),
    );
    await lastValueFrom(generated$, { defaultValue: undefined });
    if (!json) process.stdout.write('\n');
  },
});
