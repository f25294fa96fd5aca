// Finds what is unusual in a metric, row by row: `tail -f metric.csv | npx tsx pipelines/detect.ts`.
import { catchError, EMPTY, lastValueFrom, map, takeUntil, tap } from 'rxjs';
import { bundledFile, closed, concatMapBounded, credit, visible, write, yielding } from '../src/index.js';
import { amount } from './cli/amount.js';
import { checkText } from './cli/checkText.js';
import { command, NO_WIDE, UsageError } from './cli/command.js';
import { interrupted } from './cli/interrupted.js';
import { print } from './cli/print.js';
import { safeJson } from './cli/safeJson.js';
import { say } from './cli/say.js';
import { terminalColumns } from './cli/terminalColumns.js';
import { timeOrder } from './cli/timeOrder.js';
import { wrapped } from './cli/wrapped.js';
import { detector, type Detected } from './detect/detector.js';
import { foundLabels } from './detect/foundLabels.js';
import { LARGEST } from './detect/largest.js';
import { movingZScore, Z_SCORE } from './detect/movingZScore.js';
import { readMetric } from './detect/readMetric.js';
import { strip } from './detect/strip.js';

await command(import.meta.url, {
  about: `Scores each row of a metric as it arrives, from the rows before it alone: CSV with the columns timestamp and value,
from FILE or standard input (there without a header also \`timestamp,value\` or a value alone). Without --json it prints the
alarms, each once per event, and at the end a picture of what came, what was predicted and where the alarms were, and
beside it how many alarms a moving z-score gives.`,
  argument: 'FILE',
  options: {
    data: { kind: 'text', value: 'FILE', help: 'a CSV file, as FILE (standard input; data/load.csv on a terminal)' },
    columns: {
      kind: 'text',
      value: 'TIME,VALUE',
      help: 'the columns of time and value, by name; one name alone is that of the value',
      initial: 'timestamp,value',
    },
    label: {
      kind: 'text',
      value: 'COLUMN',
      help: 'a column of 1 for anomalies, else 0: it says how many runs of such rows have an alarm',
    },
    decimal: { kind: 'text', choices: ['.', ','], help: 'what separates the fraction of a number', initial: '.' },
    invalid: {
      kind: 'text',
      choices: ['error', 'skip', 'carry'],
      help: 'a cell without a number: an error, its row is skipped, or the number before is taken',
      initial: 'error',
    },
    'no-wide': NO_WIDE,
    seed: { kind: 'seed', help: 'seed of the first weights', initial: 0 },
    json: { kind: 'flag', help: 'print one JSON object per row and nothing else' },
  },
  async run({ data, columns, label, decimal, seed, json, invalid }, file) {
    const names = columnsOf(columns);
    if (data !== undefined && file !== undefined) throw new UsageError('--data: the file is given twice');
    const shipped = process.stdin.isTTY ? bundledFile('load.csv') : undefined;
    const path = data ?? file ?? shipped;
    if (path !== undefined) checkText(path, { pipes: true, stdin: true });
    const inFlight = credit({ high: 256, low: 128 }); // rows waiting for a slow reader
    const warn = (message: string): void => say(visible(message));
    const metric = readMetric(path, {
      columns: { ...names, label },
      invalid,
      decimal,
      demand: yielding(inFlight),
      warn,
    });
    const picture = strip(terminalColumns());
    const order = timeOrder(names.time ?? '', { even: false, named: true });
    const zScore = movingZScore();
    const [found, simple] = [foundLabels(), foundLabels()];
    let [rows, alarms, simpleAlarms] = [0, 0, 0];
    const isAnomaly: boolean[] = []; // of the rows that the detector has not given back yet
    let failure: { readonly reason: unknown } | undefined;
    let stopped = false;
    let last = ''; // the time of the last row
    let large = 0; // rows that are held to less than they are
    const written$ = metric.row$.pipe(
      tap((row) => {
        order.add(row.timestamp);
        isAnomaly.push(row.isAnomaly);
      }),
      catchError((reason: unknown) => {
        failure = { reason };
        return EMPTY; // what came before is scored and printed
      }),
      detector(seed),
      map((detected) => ({ ...detected, zScore: zScore(detected.value) })),
      tap((detected) => {
        rows += 1;
        last = detected.timestamp;
        if (Math.abs(detected.value) > LARGEST && large++ === 0) {
          warn(
            `row ${rows}: ${detected.value} is beyond ${LARGEST} in size: such rows are compared as if they were that large`,
          );
        }
        const labelled = isAnomaly.shift()!;
        const [isAlarm, isSimple] = [detected.score >= 0.5, detected.zScore >= 0.5];
        if (isAlarm) alarms += 1;
        if (isSimple) simpleAlarms += 1;
        found.add(labelled, isAlarm);
        simple.add(labelled, isSimple);
        if (!json) picture.add(detected);
      }),
      concatMapBounded(inFlight, (detected) => {
        if (json) return write(safeJson(detected));
        return detected.score >= 0.5 ? write(wrapped(alarmText(detected), process.stdout)) : EMPTY;
      }),
      takeUntil(closed()),
      takeUntil(interrupted({ say: 'ending' }).pipe(tap((by) => (stopped = by === 'signal')))),
    );
    await lastValueFrom(written$, { defaultValue: undefined });
    if (rows > 0) report();
    if (stopped) {
      const until = last === '' ? '' : `, up to ${last}`;
      warn(`ended before the end of ${path ?? 'standard input'}: ${amount(rows, 'row')} scored${until}`);
    }
    if (large > 1) warn(`${large} of ${amount(rows, 'row')} were beyond ${LARGEST} in size`);
    if (metric.invalid() > 0) {
      const what = invalid === 'skip' ? 'skipped' : 'given the number before';
      const rowsWithout = amount(metric.invalid(), 'row without a number', 'rows without a number');
      warn(`${rowsWithout} in ${names.value} ${metric.invalid() === 1 ? 'was' : 'were'} ${what}`);
    }
    const complaint = order.complaint();
    if (complaint !== undefined) warn(complaint);
    if (failure) throw failure.reason;
    if (rows === 0 && !stopped) warn(`no rows in ${path ?? 'standard input'}: there is nothing to score`);

    function report(): void {
      const [own, beside] = [found.count(), simple.count()];
      if (json) {
        if (label !== undefined) console.log(JSON.stringify({ labels: { ...own, zScore: beside } }));
        return;
      }
      const lines = [
        `beside it, ${Z_SCORE}: ${amount(simpleAlarms, 'alarm')}`,
        ...(label === undefined
          ? []
          : [
              `of ${amount(own.anomalies, 'labelled anomaly', 'labelled anomalies')} ${own.found} have an alarm, and other rows ${own.outside}`,
              `beside it, ${beside.found} have one, and other rows ${beside.outside}`,
            ]),
      ];
      print(`\n${picture.text()}\n\n${amount(rows, 'row')}, ${amount(alarms, 'alarm')}\n${lines.join('\n')}`);
    }
  },
});

function alarmText({ timestamp, value, predicted, score }: Detected): string {
  const when = timestamp === '' ? '' : `${visible(timestamp)}  `;
  return `${when}${value} where ${predicted.toPrecision(5)} was predicted (score ${score.toFixed(2)})`;
}

function columnsOf(given: string): { readonly time: string | undefined; readonly value: string } {
  const names = given.split(',').map((name) => name.trim());
  const [first, second] = names;
  if (names.length > 2 || names.includes('') || first === second) {
    throw new UsageError(`--columns must be TIME,VALUE or VALUE, got ${given}`);
  }
  return second === undefined ? { time: undefined, value: first! } : { time: first!, value: second };
}
