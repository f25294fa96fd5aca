// A log monitor of one's own: a line is strange where its template is new, or where many of its kind come at once. What is
// strange enough is what one line in 500 was so far. `surprisalByLine` has more parts, weighed against each other.
import { connect, filter, from, lastValueFrom, map, toArray, zip } from 'rxjs';
import { burst, logRecords, quantileThreshold, templateMiner } from 'rxrnn';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + 1000 * second).toISOString();
const usual = Array.from({ length: 2000 }, (_, i) => `${at(9 * i)} INFO user ${i % 40} signed in after ${i % 7} ms`);
const spray = Array.from({ length: 12 }, (_, i) => `${at(18_000)} INFO user ${500 + i} signed in after 3 ms`);
const lines = [
  ...usual,
  ...spray,
  `${at(18_010)} ERROR disk sdb is full`,
  `${at(18_020)} INFO user 1 signed in after 2 ms`,
];

const miner = templateMiner();
const alarm$ = from(lines).pipe(
  logRecords(),
  map(({ number, time, message }) => ({ number, time: time!, message, ...miner.match(message) })),
  connect((line$) =>
    zip(
      line$,
      line$.pipe(
        map(({ id, time }) => ({ key: id, time })),
        burst({ interval: 5000 }),
      ),
    ),
  ),
  map(([line, { bits }]) => ({ ...line, bits: bits + (line.isNew ? Math.log2(line.number) : 0) })),
  connect((line$) =>
    zip(
      line$,
      line$.pipe(
        map(({ bits }) => bits),
        quantileThreshold({ oneIn: 500 }),
      ),
    ),
  ),
  filter(([, { above }]) => above),
  map(([{ number, message, isNew }]) => `${number} ${isNew ? 'new' : 'burst'}: ${message}`),
  toArray(),
);
const alarms = await lastValueFrom(alarm$);
console.log(alarms.length, alarms[0]); // -> 12 2002 burst: user 501 signed in after 3 ms
console.log(alarms.at(-1)); // -> 2013 new: disk sdb is full
