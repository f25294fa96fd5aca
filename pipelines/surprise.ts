// Tells what is strange in a stream of lines: `tail -f app.log | npx tsx pipelines/surprise.ts --learn`.
import { basename } from 'node:path';
import { lastValueFrom, map, takeUntil, tap } from 'rxjs';
import { yielding, closed, credit, lines, saveModel, concatMapBounded, stdinLines, write } from '../src/index.js';
import { alarms } from './surprise/alarms.js';
import { checkWritable } from './cli/checkWritable.js';
import { command, UsageError } from './cli/command.js';
import { interrupted } from './cli/interrupted.js';
import { lineScore } from './surprise/lineScore.js';
import { openModel } from './models/openModel.js';
import { colourful, paint } from './cli/paint.js';
import { scoreLines } from './surprise/scoreLines.js';
import { bundledModelPath } from './models/bundledModelPath.js';
import { lineText, summary } from './surprise/surpriseText.js';
import { surprisingSpans } from './surprise/surprisingSpans.js';

await command(import.meta.url, {
  about: `Scores each line of standard input, or of FILE, as it arrives: how many bits a character it takes a model of
text to foresee it, and which parts are strange. With --learn the model gets to know the stream as it goes.`,
  argument: 'FILE',
  options: {
    model: { kind: 'text', help: 'a saved model of text (data/models/english.safetensors)' },
    learn: { kind: 'flag', help: 'learn each line after it is scored' },
    'learning-rate': { kind: 'number', help: 'how fast, with --learn', initial: 0.006 },
    out: { kind: 'text', help: 'with --learn: where the model goes at the end, or at Ctrl-C' },
    key: { kind: 'text', help: 'a regular expression: lines that match it alike are a stream of their own' },
    alarm: { kind: 'flag', help: 'tell when lines have become stranger and stay so' },
    strange: { kind: 'number', help: 'bits from which a character is marked', initial: 8 },
    ngram: { kind: 'count', help: 'at the end also what counts of so many characters would give', most: 32 },
    seed: { kind: 'seed', help: 'taken as every script takes it; nothing here is drawn' },
    json: { kind: 'flag', help: 'one JSON object a line and nothing else' },
  },
  async run({ model: path = bundledModelPath('english'), learn, out, json, ngram, ...options }, file) {
    if (out !== undefined && !learn) throw new UsageError('--out: without --learn the model stays what it is');
    if (out !== undefined) checkWritable(out);
    const { model, symbols } = openModel(path);
    const previous = symbols.token('\n');
    if (previous === undefined) throw new UsageError(`${path} knows no line end: it was not learned from lines`);
    const keyOf = keyReader(options.key);
    const learningRate = learn ? options['learning-rate'] : undefined;
    const score = lineScore(model, { keyed: options.key !== undefined, learningRate, previous });
    const painted = colourful(process.stdout) && paint(true);
    const inFlight = credit({ high: 64, low: 32 }); // lines that wait for a slow reader
    const reading = { demand: yielding(inFlight), invalid: 'replace' } as const;
    const sum = summary(symbols, ngram);
    if (file === undefined && process.stdin.isTTY) console.error('type lines, Ctrl-D ends; --help tells more');

    const written$ = (file === undefined ? stdinLines(reading) : lines(file, reading)).pipe(
      scoreLines({ symbols, keyOf, score }),
      options.alarm ? alarms() : map((line) => line),
      tap(sum.add),
      concatMapBounded(inFlight, (scored) => {
        const parts = surprisingSpans(scored.line, scored.characters, options.strange);
        if (!json) return write(lineText(scored, parts, painted));
        const { characters: _, key, ...rest } = scored;
        return write(JSON.stringify({ ...rest, ...(options.key !== undefined && { key }), strange: parts }));
      }),
      takeUntil(closed()),
      takeUntil(interrupted({ say: 'ending; Ctrl-C again to leave at once' })),
    );
    await lastValueFrom(written$, { defaultValue: undefined });
    if (!json) console.error(sum.text());
    if (out !== undefined) {
      const provenance = { model: basename(path), learned: file ?? 'standard input', characters: sum.characters() };
      saveModel(out, model, { vocabulary: symbols, provenance });
      if (!json) console.error(`model saved in ${out}`);
    }
  },
});

/** The first group of what matches, or all of it; lines that do not match are one stream. */
function keyReader(expression: string | undefined): (line: string) => string {
  if (expression === undefined) return () => '';
  try {
    const pattern = new RegExp(expression, 'u');
    return (line) => {
      const found = pattern.exec(line);
      return found?.[1] ?? found?.[0] ?? '';
    };
  } catch (error) {
    throw new UsageError(`--key: ${(error as Error).message}`);
  }
}
