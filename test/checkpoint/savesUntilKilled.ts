// Continues from the newest checkpoint of a folder and saves one after another, each printed when it is safe,
// until it is killed: `savesUntilKilled FOLDER`. Exit status 3: the newest file could not be loaded.
import { writeSync } from 'node:fs';
import { argv, exit } from 'node:process';
import { latestCheckpoint } from '../../src/checkpoint/latestCheckpoint.js';
import { saveCheckpoint } from '../../src/checkpoint/saveCheckpoint.js';
import { sweepTemporaries } from '../../src/checkpoint/sweepTemporaries.js';
import { snapshotOf } from './snapshots.js';

const folder = argv[2]!;
sweepTemporaries(folder);
const saved = latestCheckpoint(folder, { onRefused: () => exit(3) });
for (let step = (saved?.training.step ?? 0) + 1; ; step++) {
  saveCheckpoint(folder, snapshotOf(step, { losses: 40_000 }));
  writeSync(1, `${step}\n`);
}
