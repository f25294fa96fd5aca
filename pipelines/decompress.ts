// Restores a compressed log: `decompress.ts app.log.rx --out app.log`.
import { basename } from 'node:path';
import { bundledFile, decompressor, visible } from '../src/index.js';
import { command } from './cli/command.js';
import { print } from './cli/print.js';
import { safeJson } from './cli/safeJson.js';
import { suggest } from './cli/suggest.js';
import { checkOut } from './compress/checkOut.js';
import { codeFile } from './compress/codeFile.js';

await command(import.meta.url, {
  about: `Restores FILE, which compress wrote; by default data/dinosaurs.rx. Without --out it only checks that all of it can be
restored.`,
  argument: 'FILE',
  saves: true,
  options: {
    out: { kind: 'text', value: 'FILE', help: 'the file to restore it to' },
    force: { kind: 'flag', help: 'overwrite the file of --out where there is one', needs: 'out' },
    bytes: { kind: 'flag', help: 'the original is not a text; accepted, since every file is coded alike' },
    seed: { kind: 'seed', help: 'accepted by every script; nothing is random here' },
    json: { kind: 'flag', help: 'print one JSON object and nothing else' },
  },
  async run({ out, force, json }, given) {
    const file = given ?? bundledFile('dinosaurs.rx');
    if (out !== undefined) checkOut(out, force);
    const coded = await codeFile(file, decompressor(), out);
    if (!coded) return void (process.exitCode = 130);
    const { read, written } = coded;
    if (json) return console.log(safeJson({ file, read, written }));
    print(`${visible(file)}: ${read} bytes became ${written}`);
    if (out === undefined) {
      const kept = `${basename(file).replace(/\.rx$/, '')}.restored`;
      suggest('to keep that', 'decompress', ...(given === undefined ? [] : [given]), '--out', kept);
    }
  },
});
