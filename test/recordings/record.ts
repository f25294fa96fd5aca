// Rewrites the recordings of the article's systems: `npm run record`. Tests read them and never write them.
import { fileURLToPath } from 'node:url';
import { print, writeRecording } from '../../src/recording.js';
import { runSystem } from '../../pipelines/support/runSystem.js';
import { systems } from '../../pipelines/support/systems.js';

for (const [name, system] of Object.entries(systems)) {
  const recording = runSystem(await system());
  writeRecording(fileURLToPath(new URL(`${name}.marbles.txt`, import.meta.url)), recording);
  console.log(`${name}.marbles.txt  ${recording.tracks.length} tracks, ${print(recording).length} characters`);
}
