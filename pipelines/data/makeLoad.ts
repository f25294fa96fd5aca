// Makes `data/load.csv` again, to the same bytes: `npx tsx pipelines/data/makeLoad.ts`. The series is made up: a daily and a
// weekly rhythm of an hourly load that follows the temperature, noise with a memory, one outage and one spike.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { seeded } from '../../src/index.js';

const HOURS = 84 * 24;
const OUTAGE = { from: 1005, to: 1013 };
const SPIKE = 1500;

const random = seeded('load');
const normal = (): number => random.normal();
const start = Date.UTC(2026, 0, 5); // a Monday
const rows = ['timestamp,value,temperature'];
let weather = 0;
let noise = 0;
for (let hour = 0; hour < HOURS; hour++) {
  weather = 0.98 * weather + 0.6 * normal();
  noise = 0.7 * noise + 1.5 * normal();
  const day = Math.floor(hour / 24);
  const clock = (2 * Math.PI * (hour % 24)) / 24;
  const temperature = 6 + day / 12 - 4 * Math.cos(clock - 0.6) + weather;
  const busy = day % 7 < 5 ? 1 : 0.6; // less on Saturdays and Sundays
  const rhythm = busy * (30 - 18 * Math.cos(clock - 0.3) - 8 * Math.cos(2 * clock));
  const normalLoad = 60 + rhythm + 1.2 * Math.max(0, 15 - temperature) + noise;
  const load = hour >= OUTAGE.from && hour < OUTAGE.to ? 12 : hour === SPIKE ? normalLoad + 60 : normalLoad;
  const time = new Date(start + hour * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
  rows.push(`${time},${load.toFixed(1)},${temperature.toFixed(1)}`);
}
writeFileSync(fileURLToPath(new URL('../../data/load.csv', import.meta.url)), `${rows.join('\n')}\n`);
