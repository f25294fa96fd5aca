// Measures false alarms and delays of the detectors: `tsx test/bench/drift.ts [--runs N] [--json]`.
//
// Values are distributed roughly as the bits of tokens: exponentially, with mean 2 and standard deviation 2. First come a
// million values without a change; then runs in which the mean rises after 5000 values and stays there; last the bits of a
// text (--text FILE) under an n-gram model that has read 200000 of its characters, in order and with its paragraphs
// shuffled, and of a log (--log FILE) that follows it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { from, type OperatorFunction } from 'rxjs';
import { adwin } from '../../src/infer/adwin.js';
import type { Alarm } from '../../src/infer/alarm.js';
import { ngram } from '../../src/infer/ngram.js';
import { pageHinkley } from '../../src/infer/pageHinkley.js';
import { seeded } from '../../src/random/seeded.js';

const shared = (name: string): string => fileURLToPath(new URL(`../../../shared/data/${name}`, import.meta.url));
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100' },
    text: { type: 'string', default: shared('tinyshakespeare.txt') },
    log: { type: 'string', default: shared('OpenSSH_2k.log') },
    json: { type: 'boolean' },
  },
});
const runs = Number(values.runs);
const CHANGE = 5000;
const STATIONARY = 1_000_000;

const DETECTORS = [
  ['pageHinkley()', pageHinkley()],
  ['pageHinkley({ threshold: 100 })', pageHinkley({ threshold: 100 })],
  ['adwin()', adwin()],
] as const;
for (const [name, detector] of DETECTORS) {
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

const READ = 200_000;
const text = readFileSync(values.text, 'latin1');
const log = readFileSync(values.log, 'latin1').slice(0, 20_000);
const shuffled = seeded('shuffled').shuffle(text.split('\n\n')).join('\n\n');
for (const [order, read] of [
  ['as it is', text],
  ['in shuffled paragraphs', shuffled],
] as const) {
  const scored: number[] = [];
  from(Buffer.from(read + log, 'latin1'))
    .pipe(ngram({ order: 5, vocabSize: 256 }))
    .subscribe(({ bits }) => scored.push(bits));
  const rest = scored.slice(READ);
  const change = read.length - READ;
  for (const [name, detector] of DETECTORS) {
    const found = alarms(detector, rest);
    const before = found.filter(({ index }) => index < change).length;
    const delay = (found.find(({ index }) => index >= change)?.index ?? NaN) - change + 1;
    if (values.json === true) console.log(JSON.stringify({ name, order, characters: change, alarms: before, delay }));
    else console.log(`${name}: ${before} alarms in ${change} characters ${order}, the log found after ${delay}`);
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
