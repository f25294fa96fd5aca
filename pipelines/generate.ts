// Generates text, coloured by surprisal. Each character is written as it is drawn.
import { lastValueFrom, takeUntil } from 'rxjs';
import { yielding, closed, credit, generateText, seeded, concatMapBounded, write } from '../src/index.js';
import { command, UsageError } from './cli/command.js';
import { openModel } from './models/openModel.js';
import { hasColours, paint } from './cli/paint.js';
import { safeJson } from './cli/safeJson.js';
import { visiblePiece } from './cli/visiblePiece.js';
import { bundledModelPath } from './models/bundledModelPath.js';

await command(import.meta.url, {
  about: `Continues a text with a model that charlm, names, studio or surprise has saved, or without --model with one of
English that comes with the package. On a terminal, colours show how surprising each character was; NO_COLOR turns them off.`,
  options: {
    model: { kind: 'text', value: 'FILE', help: 'a saved model of text (data/models/english.safetensors)' },
    prompt: { kind: 'text', help: 'beginning of the text (the start of a line)' },
    'max-tokens': { kind: 'count', help: 'number of characters to generate', initial: 400 },
    temperature: {
      kind: 'number',
      help: 'below 1 likely characters become likelier, above 1 less likely',
      initial: 0.7,
      least: 0,
    },
    'top-k': { kind: 'count', help: 'draw from only so many of the likeliest characters' },
    'top-p': { kind: 'number', help: 'draw from only the likeliest characters with this total probability', most: 1 },
    stop: { kind: 'text', help: 'stop after this text' },
    seed: { kind: 'seed', help: 'seed of the sampling', initial: 0 },
    json: { kind: 'flag', help: 'print one JSON object per character and nothing else' },
  },
  async run({ model: path = bundledModelPath('english'), prompt = '', temperature, stop, seed, json, ...options }) {
    const { model, symbols } = openModel(path);
    const { 'max-tokens': maxTokens, 'top-k': topK, 'top-p': topP } = options;
    const lacking = [...prompt].find((symbol) => symbols.token(symbol) === undefined);
    if (lacking !== undefined) throw new UsageError(`--prompt: the model does not know ${JSON.stringify(lacking)}`);
    const painted = paint(hasColours(process.stdout));
    const lineEnd = symbols.token('\n');
    let before = prompt;
    const inFlight = credit({ high: 64, low: 32 }); // text waiting for a slow reader

    if (!json) process.stdout.write(visiblePiece(prompt));
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
      concatMapBounded(inFlight, ({ token, text, bits }) => {
        if (json) return write(safeJson({ token, bits }));
        const shown = visiblePiece(text, before);
        before = text;
        return write(painted(shown, bits), process.stdout, '');
      }),
      takeUntil(closed()),
    );
    await lastValueFrom(generated$, { defaultValue: undefined });
    if (!json) process.stdout.write('\n');
  },
});
