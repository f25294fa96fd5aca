// Generates text, coloured by surprisal. Each character is written as it is drawn.
import { defer, EMPTY, lastValueFrom, type Observable, of, repeat, take, takeUntil, takeWhile, tap } from 'rxjs';
import {
  type GeneratedText,
  yielding,
  closed,
  credit,
  generateText,
  seeded,
  concatMapBounded,
  write,
} from '../src/index.js';
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
    const { model, symbols, linesAlone } = openModel(path);
    const { 'max-tokens': maxTokens, 'top-k': topK, 'top-p': topP } = options;
    const lacking = [...prompt].find((symbol) => symbols.token(symbol) === undefined);
    if (lacking !== undefined) throw new UsageError(`--prompt: the model does not know ${JSON.stringify(lacking)}`);
    const painted = paint(hasColours(process.stdout));
    const lineEnd = symbols.token('\n');
    let before = prompt;
    const inFlight = credit({ high: 64, low: 32 }); // text waiting for a slow reader

    if (!json) process.stdout.write(visiblePiece(prompt));
    const generation = {
      vocabulary: symbols,
      temperature,
      random: seeded(seed),
      demand: yielding(inFlight),
      ...(topK !== undefined && { topK }),
      ...(topP !== undefined && { topP }),
      ...(stop !== undefined && { stop }),
    };
    const text$ = linesAlone
      ? lineByLine(
          (made) =>
            generateText(model, { ...generation, prompt: made === 0 ? prompt : '', maxTokens: maxTokens - made }),
          stop,
        ).pipe(take(maxTokens))
      : generateText(model, {
          ...generation,
          prompt,
          maxTokens,
          ...(lineEnd !== undefined && { previous: lineEnd }),
        });
    const generated$ = text$.pipe(
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

/**
 * Generates line after line, each from its own beginning, until one ends with `stop` or without a line feed; `start` is
 * given the number of characters before it.
 */
function lineByLine(start: (made: number) => Observable<GeneratedText>, stop?: string): Observable<GeneratedText> {
  return defer(() => {
    let made = 0;
    let line = '';
    const goesOn = (): boolean => line.endsWith('\n') && !(stop !== undefined && line.endsWith(stop));
    const line$ = defer(() => {
      line = '';
      return start(made);
    });
    return line$.pipe(
      tap(({ text }) => {
        made += 1;
        line += text;
      }),
      takeWhile(({ text }) => text !== '\n', true),
      repeat({ delay: () => (goesOn() ? of(undefined) : EMPTY) }),
    );
  });
}
