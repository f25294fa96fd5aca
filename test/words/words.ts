// Lists what is left of the dialect in comments, messages and documents: `npm run words`, `npm run words -- src/flow`.
import { command } from '../../pipelines/cli/command.js';
import { dialectOf, EVERYTHING } from './dialectOf.js';

await command(import.meta.url, {
  about: 'Lists phrases that are not plain English in comments, messages and documents; status 1 where there are any.',
  argument: 'PATH',
  options: {},
  async run(_, path) {
    const found = dialectOf(path === undefined ? EVERYTHING : [path]);
    for (const line of found) console.log(line);
    console.log(`${found.length} found`);
    if (found.length > 0) process.exitCode = 1;
  },
});
