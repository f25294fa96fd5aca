// Finds surprising lines in a stream: `tail -f app.log | npx tsx pipelines/surprise.ts --learn`.
import { basename } from 'node:path';
import { catchError, EMPTY, lastValueFrom, map, takeUntil, tap } from 'rxjs';
import {
  yielding,
  closed,
  credit,
  lines,
  saveModel,
  concatMapBounded,
  stdinLines,
  visible,
  write,
} from '../src/index.js';
import { alarms } from './surprise/alarms.js';
import { checkOverwrite, isSameFile } from './cli/checkOverwrite.js';
import { checkWritable } from './cli/checkWritable.js';
import { command, UsageError } from './cli/command.js';
import { interrupted } from './cli/interrupted.js';
import { openModel } from './models/openModel.js';
import { hasColours, paint } from './cli/paint.js';
import { scoreLines, scoreTokens } from './surprise/scoreLines.js';
import { bundledModelPath } from './models/bundledModelPath.js';
import { lineText, surprisingSpans } from './surprise/lineText.js';
import { linearPattern } from './surprise/linearPattern.js';
import { summary } from './surprise/summary.js';

await command(import.meta.url, {
  about: `Scores each line of standard input, or of FILE, as it arrives: its surprisal under a model of text, in bits
per character, and its surprising parts. With --learn the model also learns from the stream. --key takes JavaScript's
regular expressions without lookahead, lookbehind and backreferences, so that no line takes long to match.`,
  argument: 'FILE',
  saves: true,
  options: {
    model: { kind: 'text', value: 'FILE', help: 'a saved model of text (data/models/english.safetensors)' },
    learn: { kind: 'flag', help: 'learn from each line after scoring it' },
    'learning-rate': { kind: 'number', help: 'learning rate, with --learn', initial: 0.006 },
    out: { kind: 'text', value: 'FILE', help: 'with --learn: file to save the model in, however the stream ends' },
    'save-every': { kind: 'count', help: 'with --out: also save after every N lines' },
    force: { kind: 'flag', help: 'overwrite the file of --out even where it holds something else' },
    key: {
      kind: 'text',
      value: 'REGEXP',
      help: 'a regular expression, looked for in 4096 characters; lines with the same match form a stream of their own',
    },
    alarm: { kind: 'flag', help: 'report when lines have become more surprising and stay so' },
    strange: { kind: 'number', help: 'bits from which a character is marked as surprising', initial: 8 },
    ngram: { kind: 'count', help: 'at the end also print the bits under an n-gram model of this order', most: 32 },
    seed: { kind: 'seed', help: 'accepted by every script; nothing is random here' },
    json: { kind: 'flag', help: 'print one JSON object per line and nothing else' },
  },
  async run({ model: path = bundledModelPath('english'), learn, out, json, ngram, ...options }, file) {
    if (out !== undefined && !learn) throw new UsageError('--out: without --learn the model does not change');
    const every = options['save-every'];
    if (every !== undefined && out === undefined) throw new UsageError('--save-every: without --out nothing is saved');
    const learned = file ?? 'standard input';
    if (out !== undefined) {
      checkWritable(out);
      if (!options.force && !isSameFile(out, path)) checkOverwrite(out, { learned });
    }
    const { model, symbols } = openModel(path);
    const previous = symbols.token('\n');
    if (previous === undefined) throw new UsageError(`${path} does not know the line end: it was not trained on lines`);
    const keyOf = keyReader(options.key);
    const learningRate = learn ? options['learning-rate'] : undefined;
    const score = scoreTokens(model, { keyed: options.key !== undefined, learningRate, previous });
    const painted = hasColours(process.stdout) && paint(true);
    const inFlight = credit({ high: 64, low: 32 }); // lines waiting for a slow reader
    const reading = { demand: yielding(inFlight), invalid: 'replace' } as const;
    const sum = summary(symbols, ngram);
    if (file === undefined && process.stdin.isTTY) console.error('type lines, Ctrl-D ends; --help lists the options');

    let anyLine = false;
    let failure: { readonly reason: unknown } | undefined; // of what was read or written; the model is as good as before

    const line$ = (file === undefined ? stdinLines(reading) : lines(file, reading)).pipe(
      catchError((reason: unknown) => {
        failure = { reason };
        return EMPTY; // what came before is scored, printed and learned
      }),
    );
    const written$ = line$.pipe(
      scoreLines({ symbols, keyOf, score }),
      options.alarm ? alarms() : map((line) => line),
      tap((line) => {
        anyLine = true;
        sum.add(line);
        if (every !== undefined && line.number % every === 0) save();
      }),
      concatMapBounded(inFlight, (scored) => {
        const parts = surprisingSpans(scored.line, scored.characters, options.strange);
        if (!json) return write(lineText(scored, parts, painted));
        const { characters: _, key, ...rest } = scored;
        return write(JSON.stringify({ ...rest, ...(options.key !== undefined && { key }), strange: parts }));
      }),
      takeUntil(closed()),
      takeUntil(interrupted({ say: 'ending; Ctrl-C again to leave at once' })),
    );
    await lastValueFrom(written$, { defaultValue: undefined }).catch((reason: unknown) => {
      if (reason !== process.stdout.errored) throw reason;
      failure ??= { reason };
    });
    if (failure && !anyLine) throw failure.reason; // such as a file that is not there
    if (!json) console.error(sum.text());
    save();
    if (out !== undefined && !json) console.error(`model saved in ${visible(out)}`);
    if (failure) throw failure.reason;

    function save(): void {
      if (out === undefined) return;
      const provenance = { model: basename(path), learned, characters: sum.characters() };
      saveModel(out, model, { vocabulary: symbols, provenance });
    }
  },
});

/** Reads the key of a line: the first group of the match, or all of it; lines without a match share one key. */
function keyReader(expression: string | undefined): (line: string) => string {
  if (expression === undefined) return () => '';
  try {
    const find = linearPattern(expression);
    return (line) => {
      const found = find(line);
      return found?.group ?? found?.text ?? '';
    };
  } catch (error) {
    throw new UsageError(`--key: ${(error as Error).message}`);
  }
}
