// False alarms and delays of the detectors: `tsx test/bench/drift.ts [--runs N] [--json]`.
//
// Values are distributed as the bits of tokens are, roughly: exponentially, with mean 2 and so a deviation of 2. First
// a million of them without a change; then runs in which the mean rises after 5000 of them and stays there.
import { parseArgs } from 'node:util';
import { from, type OperatorFunction } from 'rxjs';
import { adwin } from '../../src/infer/adwin.js';
import type { Alarm } from '../../src/infer/alarm.js';
import { pageHinkley } from '../../src/infer/pageHinkley.js';
import { seeded } from '../../src/random/seeded.js';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '100' }, json: { type: 'boolean' } } });
const runs = Number(values.runs);
const CHANGE = 5000;
const STATIONARY = 1_000_000;

for (const [name, detector] of [
  ['pageHinkley()', pageHinkley()],
  ['pageHinkley({ threshold: 50 })', pageHinkley({ threshold: 50 })],
  ['adwin()', adwin()],
] as const) {
  const started = performance.now();
  const falseAlarms = alarms(detector, bits('stationary', 0, STATIONARY)).length;
  const nanoseconds = ((performance.now() - started) * 1e6) / STATIONARY;
  if (values.json !== true) {
    console.log(`${name}: ${falseAlarms} false alarms in ${STATIONARY} values, ${nanoseconds.toFixed(0)} ns a value`);
  }
  for (const rise of [1, 2, 4]) {
    const found = Array.from({ length: runs }, (_, run) =>
      alarms(detector, bits(`${rise} ${run}`, rise, CHANGE + 3000)).find(({ index }) => index >= CHANGE),
    );
    const delays = found.map((alarm) => (alarm ? alarm.index - CHANGE + 1 : Infinity)).toSorted((a, b) => a - b);
    const off = found.map((alarm) => Math.abs((alarm?.since ?? Infinity) - CHANGE)).toSorted((a, b) => a - b);
    const row = {
      name,
      falseAlarms,
      rise,
      median: delays[runs >> 1],
      worst: delays.at(-1),
      placedWithin: off[runs >> 1],
    };
    if (values.json === true) console.log(JSON.stringify(row));
    else {
      const { median, worst, placedWithin } = row;
      console.log(`  +${rise} bits: after ${median} values, at worst ${worst}; placed within ${placedWithin} (median)`);
    }
  }
}

function alarms(detector: OperatorFunction<number, Alarm>, values: Iterable<number>): Alarm[] {
  const found: Alarm[] = [];
  from(values)
    .pipe(detector)
    .subscribe((alarm) => found.push(alarm));
  return found;
}

function* bits(seed: string, rise: number, length: number): Generator<number> {
  const random = seeded(seed);
  for (let i = 0; i < length; i++) yield (2 + (i < CHANGE ? 0 : rise)) * -Math.log(1 - random.uniform());
}
