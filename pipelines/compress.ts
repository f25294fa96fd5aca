// Compresses a log by the predictions of a model that learns as it reads: `compress.ts app.log --out app.log.rx`.
import { basename } from 'node:path';
import { bundledFile, compressor, visible } from '../src/index.js';
import { command } from './cli/command.js';
import { print } from './cli/print.js';
import { safeJson } from './cli/safeJson.js';
import { suggest } from './cli/suggest.js';
import { brotliSize } from './compress/brotliSize.js';
import { checkOut } from './compress/checkOut.js';
import { codeFile } from './compress/codeFile.js';

await command(import.meta.url, {
  about: `Compresses FILE, by default data/dinosaurs.csv: an arithmetic coder on the predictions of a model that
learns as it reads. decompress restores it, on any engine. Without --out it only says how small it becomes, and what
brotli makes of it.`,
  argument: 'FILE',
  saves: true,
  options: {
    out: { kind: 'text', value: 'FILE', help: 'the file to write, for decompress' },
    force: { kind: 'flag', help: 'overwrite the file of --out where there is one', needs: 'out' },
    bytes: { kind: 'flag', help: 'FILE is not a text; accepted, since every file is coded alike' },
    seed: { kind: 'seed', help: 'accepted by every script; nothing is random here' },
    json: { kind: 'flag', help: 'print one JSON object and nothing else' },
  },
  async run({ out, force, json }, given) {
    const file = given ?? bundledFile('dinosaurs.csv');
    if (out !== undefined) checkOut(out, force);
    const coded = await codeFile(file, compressor(), out);
    if (!coded) return void (process.exitCode = 130);
    const { read, written } = coded;
    const bitsPerByte = read === 0 ? 0 : (8 * written) / read;
    const brotli = out === undefined ? await brotliSize(file) : undefined;
    if (json)
      return console.log(safeJson({ file, read, written, bitsPerByte, ...(brotli !== undefined && { brotli }) }));
    print(`${visible(file)}: ${read} bytes became ${written}, ${bitsPerByte.toFixed(3)} bits per byte`);
    if (brotli !== undefined && read > 0) {
      const better = brotli <= written ? ', which is at least as good here' : '';
      print(`brotli at its best: ${brotli}, ${((8 * brotli) / read).toFixed(3)} bits per byte${better}`);
    }
    if (out === undefined)
      suggest('to keep that', 'compress', ...(given === undefined ? [] : [given]), '--out', `${basename(file)}.rx`);
    else suggest('to restore it', 'decompress', out, '--out', `restored-${basename(file)}`);
  },
});
