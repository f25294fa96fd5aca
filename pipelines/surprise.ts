// Finds surprising lines in a log: `tail -F app.log | npx tsx pipelines/surprise.ts --learn`.
import { resolve } from 'node:path';
import { catchError, concat, defer, EMPTY, identity, lastValueFrom, map, pipe, takeUntil, tap } from 'rxjs';
import { closed, concatMapBounded, credit, visible, yielding } from '../src/index.js';
import { studio } from '../src/studio.js';
import { amount } from './cli/amount.js';
import { checkReadable } from './cli/checkReadable.js';
import { command, NO_WIDE } from './cli/command.js';
import { countKeys } from './cli/countKeys.js';
import { interrupted } from './cli/interrupted.js';
import { keyReader } from './cli/keyReader.js';
import { hasColours, paint } from './cli/paint.js';
import { untilInterrupted } from './cli/untilInterrupted.js';
import { alarms } from './surprise/alarms.js';
import { countText } from './surprise/alarmText.js';
import { checkOptions } from './surprise/checkOptions.js';
import { characterScoring } from './surprise/characterScoring.js';
import { foldAlarms } from './surprise/foldAlarms.js';
import { followAlarms } from './surprise/followAlarms.js';
import { journalEntries } from './surprise/journalEntries.js';
import { latestTime } from './surprise/latestTime.js';
import { logSource } from './surprise/logSource.js';
import { monitor } from './surprise/monitor.js';
import { printer } from './surprise/printer.js';
import { recordScoring } from './surprise/recordScoring.js';
import { sampleBehind } from './surprise/sampleBehind.js';
import { statusLine } from './surprise/statusLine.js';
import { strangest } from './surprise/strangest.js';
import { unlikeTraces } from './surprise/unlikeTraces.js';
import { warnOfBinary } from './surprise/warnOfBinary.js';
import { withTraces } from './surprise/withTraces.js';
import { scorePoint } from './surprise/scorePoint.js';

/** Options of scoring by a model of characters; without them --learn scores by templates. */
const OF_CHARACTERS = ['model', 'out', 'ngram', 'learning-rate', 'save-every', 'strange'] as const;
const FOLD = 600_000; // milliseconds in which equal alarms are one

await command(import.meta.url, {
  about: `Scores each line of standard input, or of FILE, as it arrives. With --learn it learns the log: its templates, what
follows what and how often; it prints what is strange, and why. Without, or with --model or another option of characters, a
model of text scores the characters of each line, and its surprising parts are marked.`,
  argument: 'FILE',
  saves: true,
  options: {
    learn: { kind: 'flag', help: 'learn from each line after scoring it' },
    follow: { kind: 'flag', help: 'follow FILE by its name as it grows, over rotation and truncation' },
    state: {
      kind: 'text',
      value: 'FILE',
      help: 'remember what was learned, and the place in FILE, over restarts and kills',
    },
    'most-lag': {
      kind: 'number',
      value: 'SECONDS',
      help: 'with --follow: lag from which frequent lines are left out until it has caught up',
      initial: 10,
    },
    format: {
      kind: 'text',
      choices: ['json', 'otlp', 'logfmt', 'syslog3164', 'syslog5424', 'access', 'plain'],
      help: 'how the lines of the log are written (found by itself)',
    },
    'one-in': { kind: 'count', help: 'an alarm at a score that one line in so many had so far', initial: 1000 },
    only: { kind: 'text', choices: ['strange', 'all'], help: 'lines to print (strange; with --json all)' },
    top: { kind: 'count', help: 'at the end also print the N strangest lines', most: 10_000 },
    metrics: {
      kind: 'text',
      value: 'ADDRESS:PORT',
      help: 'serve metrics for Prometheus at /metrics; PORT alone is one of this machine',
    },
    webhook: { kind: 'text', value: 'URL', help: 'post alarms as JSON; RXRNN_WEBHOOK_SECRET signs them' },
    studio: {
      kind: 'flag',
      help: 'show scores on a live page, until Ctrl-C unless --json or --otlp; standard error has its address',
    },
    'fail-on-alarm': { kind: 'flag', help: 'exit status 3 where there was an alarm' },
    key: {
      kind: 'text',
      value: 'REGEXP',
      help: 'a regular expression, for the first 4096 characters, fewer if it is long; equal matches form a stream',
    },
    alarm: { kind: 'flag', help: 'report when lines have become more surprising and stay so' },
    model: {
      kind: 'text',
      value: 'FILE',
      help: 'a saved model of text (data/models/english.safetensors; with --learn a new network)',
    },
    'learning-rate': { kind: 'number', help: 'learning rate, with --learn, of a model of text', initial: 0.005 },
    out: {
      kind: 'text',
      value: 'FILE',
      help: 'with --learn: file to save the model in, for --model, however the stream ends',
    },
    'save-every': { kind: 'count', help: 'with --out: also save after every N lines' },
    force: { kind: 'flag', help: 'overwrite the file of --out even where it holds something else' },
    strange: { kind: 'number', help: 'bits from which a character is marked as surprising', initial: 8 },
    ngram: { kind: 'count', help: 'at the end also print the bits under an n-gram model of this order', most: 32 },
    'max-line': { kind: 'count', value: 'BYTES', help: 'longest line', initial: 0x100000, most: 0x1000000 },
    'on-long': {
      kind: 'text',
      choices: ['cut', 'skip', 'error'],
      help: 'what becomes of a longer line: its beginning is scored, it is left out, or the run ends',
      initial: 'cut',
    },
    otlp: { kind: 'flag', help: 'print one OTLP-JSON object per line and nothing else' },
    'no-wide': NO_WIDE,
    seed: { kind: 'seed', help: 'seed of the weights of a new network', initial: 0 },
    json: { kind: 'flag', help: 'print one JSON object per line and nothing else' },
  },
  async run({ learn, out, json, otlp, key, format, state, ...options }, file, typed) {
    const ofCharacters = !learn || OF_CHARACTERS.some((name) => typed.has(name));
    checkOptions(typed, { learn, ofCharacters, file }, options);
    if (file !== undefined && !options.follow) checkReadable(file, { pipes: state === undefined });
    const quiet = json || otlp;
    const keyOf = keyReader(key);
    const keys = countKeys();
    const status = statusLine(!quiet);
    const inFlight = credit({ high: ofCharacters ? 64 : 1 }); // of records one: a state is exact between two of them
    const watch = monitor({
      file,
      follow: options.follow,
      state,
      settings: { log: file === undefined ? 'standard input' : resolve(file), format: format ?? '', key: key ?? '' },
      metrics: options.metrics,
      webhook: options.webhook,
      mostLag: options['most-lag'],
      status,
      typed: file === undefined && process.stdin.isTTY,
    });
    const { before } = watch;
    const colours = hasColours(process.stdout);
    const scoring = ofCharacters
      ? characterScoring({
          ...options,
          learningRate: learn ? options['learning-rate'] : undefined,
          out,
          every: options['save-every'],
          keyOf,
          inFlight,
          learned: file ?? 'standard input',
          paint: colours && paint(true),
        })
      : recordScoring({
          format,
          oneIn: options['one-in'],
          now: latestTime(file, options.follow),
          state: before?.scorer,
          keyOf,
        });
    await watch.start(scoring);
    const switched = learn ? OF_CHARACTERS.find((name) => typed.has(name)) : undefined;
    if (switched !== undefined) {
      status.note(`with --${switched} a model of text learns characters; without it --learn learns templates, bursts and values`); // prettier-ignore
    }
    const { print, list, ended } = printer({
      form: json ? 'json' : otlp ? 'otlp' : 'text',
      all: options.only === undefined ? quiet || ofCharacters : options.only === 'all',
      sure: state !== undefined,
      colours,
      status,
      text: scoring.text,
      tellsAlarms: ofCharacters,
    });
    if (file === undefined && process.stdin.isTTY) status.say('type lines, Ctrl-D ends; --help lists the options');
    if (before?.lines) status.note(`continuing after line ${before.lines.toLocaleString('en')}, of ${new Date(before.saved).toISOString()}`); // prettier-ignore

    const page = options.studio
      ? studio({ title: file ?? 'standard input', onUrl: (url) => status.say(`studio: ${url}`) })
      : undefined;
    await page?.url;
    const top = options.top === undefined ? undefined : strangest(options.top);
    const alarmsBefore = watch.alarms;
    let long = 0;
    let anyLine = false;
    let readAll = false;
    let stopped = false;
    let failure: { readonly reason: unknown } | undefined; // of what was read or written; what was learned is as good as before
    const reading = {
      demand: yielding(inFlight),
      invalid: 'keep', // for lengths in a journal; `journalEntries` replaces what is not text
      maxLineBytes: options['max-line'],
      onLong: options['on-long'],
      longLine: () => void (long += 1),
    } as const;

    const line$ = logSource({
      file,
      follow: options.follow,
      places: state !== undefined,
      place: watch.from,
      reading,
      say: status.say,
      isNew: watch.isNew,
    }).pipe(
      catchError((reason: unknown) => {
        failure = { reason };
        return EMPTY; // what came before is scored, printed and learned
      }),
      tap({ complete: () => (readAll = true) }),
      takeUntil(interrupted({ say: 'ending' }).pipe(tap((by) => (stopped = by === 'signal')))),
      journalEntries(),
      warnOfBinary(file ?? 'standard input', status.say),
      tap(({ place, begins }) => watch.reached(place, begins)),
      sampleBehind({ behind: () => watch.behind, leftOut: watch.leftOut }),
      map(({ line }) => line),
    );
    const done$ = defer(() => {
      watch.done();
      return EMPTY;
    });
    const printed$ = line$.pipe(
      scoring.score,
      options.alarm ? alarms(watch.change) : identity,
      foldAlarms({ within: FOLD, now: () => Date.now(), folds: watch.folds, ended }),
      ofCharacters ? identity : pipe(unlikeTraces(watch.folds), withTraces(), followAlarms()),
      page ? page.series('score per line', scorePoint) : identity,
      tap((scored) => {
        anyLine = true;
        if (keyOf) keys.add(scored.key ?? '');
        watch.count(scored);
        top?.add(scored);
      }),
      concatMapBounded(inFlight, (scored) => {
        const before = watch.printed();
        const printing$ = before === 'yes' ? EMPTY : print(scored, before === 'perhaps');
        if (printing$ !== EMPTY) return concat(printing$, done$);
        watch.done(); // most lines are not printed
        return EMPTY;
      }),
      takeUntil(closed()),
    );
    await lastValueFrom(printed$, { defaultValue: undefined }).catch((reason: unknown) => {
      const ofOutput = (reason as NodeJS.ErrnoException).syscall === 'write';
      if (!ofOutput) throw reason;
      failure ??= { reason };
    });
    if (failure && !anyLine) {
      await page?.close();
      await watch.end();
      throw failure.reason; // such as a file that is not there
    }
    if (top) list(top.list());
    status.note(
      `${scoring.summary()}${ofCharacters ? '' : `; ${countText(watch.alarms - alarmsBefore, watch.learning)}`}`,
    );
    if (stopped && !readAll && !options.follow) {
      status.say(`ended before the end of ${visible(file ?? 'standard input')}`);
    }
    if (long > 0) {
      const what = options['on-long'] === 'cut' ? 'cut' : 'left out';
      status.say(
        `${amount(long, 'line')} longer than ${options['max-line']} bytes ${long === 1 ? 'was' : 'were'} ${what} (--on-long)`,
      );
    }
    const keyless = keys.told();
    if (keyless !== undefined) status.say(keyless);
    const saved = scoring.end();
    if (saved !== undefined) status.note(saved);
    await watch.end();
    if (page && readAll && !failure && !quiet) {
      status.say('all lines are scored; the page stays until Ctrl-C');
      await untilInterrupted();
    }
    await page?.close();
    if (failure) throw failure.reason;
    if (options['fail-on-alarm'] && watch.alarms > alarmsBefore) process.exitCode = 3;
  },
});
