import { fileURLToPath } from 'node:url';
import { print, writeRecording } from '../../src/recording.js';
import { command } from '../../pipelines/cli/command.js';
import { runSystem } from '../../pipelines/replay/runSystem.js';
import { systems } from '../../pipelines/replay/systems.js';

await command(import.meta.url, {
  about: "Rewrites the recordings of the article's systems, which tests read and never write.",
  options: {},
  async run() {
    for (const [name, system] of Object.entries(systems)) {
      const recording = runSystem(await system());
      writeRecording(fileURLToPath(new URL(`${name}.marbles.txt`, import.meta.url)), recording);
      console.log(`${name}.marbles.txt  ${recording.tracks.length} tracks, ${print(recording).length} characters`);
    }
  },
});
