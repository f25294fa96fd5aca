// Every reader of external input, with inputs that are nearly right.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { from, type Observable } from 'rxjs';
import * as assert from 'uvu/assert';
import { loadCheckpoint } from '../../src/checkpoint/loadCheckpoint.js';
import { loadModel } from '../../src/checkpoint/loadModel.js';
import { readSafetensors } from '../../src/format/readSafetensors.js';
import { safetensors } from '../../src/format/safetensors.js';
import { SafetensorsError } from '../../src/format/SafetensorsError.js';
import { saveCheckpoint } from '../../src/checkpoint/saveCheckpoint.js';
import { saveModel } from '../../src/checkpoint/saveModel.js';
import { seal } from '../../src/checkpoint/seal.js';
import { linear } from '../../src/layer/linear.js';
import { sequential } from '../../src/model/sequential.js';
import { openLog } from '../../src/record/openLog.js';
import { parse } from '../../src/record/parse.js';
import { print } from '../../src/record/print.js';
import { RecordingError } from '../../src/record/RecordingError.js';
import { sha256 } from '../../src/record/sha256.js';
import { guard } from '../../src/source/csvGuard.js';
import { utf8 } from '../../src/source/utf8.js';
import { decode } from '../../src/token/decode.js';
import { encode } from '../../src/token/encode.js';
import { vocabulary } from '../../src/token/vocabulary.js';
import { vocabularyOf } from '../../src/token/vocabularyOf.js';
import { words } from '../../src/token/words.js';
import { fileOf } from '../checkpoint/files.js';
import { snapshotOf } from '../checkpoint/snapshots.js';
import { counted, run, written } from '../record/logs.js';
import { type Campaign, campaign, damaged } from './campaign.js';
import { readFlags } from './readFlags.js';

const utf8Of = (text: string): Uint8Array => new TextEncoder().encode(text);
const startsWith =
  (...beginnings: string[]) =>
  ({ message }: Error): boolean =>
    beginnings.some((beginning) => message.startsWith(beginning));

const folder = mkdtempSync(join(tmpdir(), 'rxrnn-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'any.safetensors');

/** Generates whole and broken characters, cut at any byte. */
const bytes: fc.Arbitrary<Uint8Array[]> = fc.array(
  fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 4 }).map(utf8Of),
    fc
      .constantFrom([0xe2, 0x82], [0xac], [0xed, 0xa0, 0x80], [0xc0], [0xf0, 0x9f], [0xef, 0xbb, 0xbf])
      .map((list) => Uint8Array.from(list)),
  ),
  { maxLength: 5 },
);

/** Generates CSV in chunks, in which symbols of its syntax are frequent. */
const csv: fc.Arbitrary<Uint8Array[]> = fc.array(
  fc.oneof(
    fc
      .constantFrom('"', '""', '",', ',', '\n', '\r\n', '\r', ' ', 'a', '\u00a0', '\0', '\ufeff', 'x'.repeat(30))
      .map(utf8Of),
    fc.uint8Array({ maxLength: 3 }),
  ),
  { maxLength: 12 },
);

const JSON_MARKS = ['{', '}', '[', ']', ',', ':', '"', '\\', '0', '-', '.5', '1e9', 'null', '"a":1,', '\\ud800', ' '];
const HEADER =
  '{"__metadata__":{"format":"pt"},"a.b":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},' +
  '"c":{"dtype":"F16","shape":[],"data_offsets":[8,10]}}';

const model = sequential({ l: linear({ inputSize: 2, outputSize: 1 }) });
saveModel(path, model, { vocabulary: vocabularyOf(['a', 'b']), provenance: { a: [1, null] } });
const saved = readSafetensors(readFileSync(path));
const checkpoint = readSafetensors(readFileSync(saveCheckpoint(folder, snapshotOf(3, { losses: 2 }))));

/** Generates metadata with one text damaged; without half a surrogate pair, which no file can hold. */
function damagedTexts(metadata: ReadonlyMap<string, string>): fc.Arbitrary<Record<string, string>> {
  const texts = Object.fromEntries([...metadata].filter(([name]) => name !== 'sha256'));
  return fc.oneof(
    ...Object.entries(texts).map(([name, text]) =>
      damaged(text, JSON_MARKS).map((changed) => ({ ...texts, [name]: Buffer.from(changed).toString() })),
    ),
  );
}

const RECORDING = print({
  about: { seed: 1, list: [NaN, -0], text: 'é"' },
  tracks: [
    {
      title: 'tokens',
      marbles: [
        { step: 0, kind: 'N', value: 'a' },
        { step: 1, kind: 'N', value: 'a' },
        { step: 3, kind: 'C' },
      ],
    },
    {
      title: 'losses',
      marbles: [
        { step: 1, kind: 'N', value: { loss: 1.5, w: Float32Array.of(1, 2) } },
        { step: 2, kind: 'E', error: { name: 'Error', message: 'x' } },
      ],
    },
  ],
});
const RECORDING_MARKS = [
  '\n',
  '(',
  ')',
  '|',
  '#',
  '1m ',
  '-',
  '[',
  '{',
  '"',
  '-0',
  'NaN',
  'Infinity',
  '% ',
  '0',
  '9',
  'a = ',
];
const RUN_LOG = new TextDecoder().decode(written(run(9), { block: 4, about: { seed: 1 } }).bytes);
const RUN_LOG_MARKS = ['\n', '0', '9', '~ ', 'end ', '@ ', '= ', '|', '#', '[', '{}', '"', '-', ' '];

/** Readers by name; the caller decides the number of runs. */
export const readers: Readonly<Record<string, Campaign>> = {
  'UTF-8': campaign(bytes, readUtf8, startsWith('invalid UTF-8')),
  'CSV guard': campaign(csv, readCsv, startsWith('x.csv, line ')),
  tokenizer: campaign(
    fc.string({ unit: 'binary', maxLength: 20 }),
    tokenize,
    startsWith('vocabulary: the corpus is empty'),
  ),
  vocabulary: campaign(
    fc.oneof(fc.array(fc.string({ maxLength: 2 })), fc.anything()),
    (symbols) => assert.ok(vocabularyOf(symbols as string[]).size > 0),
    startsWith('vocabularyOf: '),
  ),
  'safetensors header': campaign(
    damaged(HEADER, [...JSON_MARKS, '"F32"', '"shape"', '8', '9007199254740993']),
    (header) => readSafetensors(fileOf(header, 10)),
    (error) => error instanceof SafetensorsError,
  ),
  'metadata of models': campaign(
    damagedTexts(saved.metadata),
    (texts) => {
      writeFileSync(path, safetensors(saved.tensors, texts));
      loadModel(path);
    },
    isLoaderError('loadModel'),
  ),
  'metadata of checkpoints': campaign(
    damagedTexts(checkpoint.metadata),
    (texts) => {
      writeFileSync(path, seal(checkpoint.tensors, texts));
      loadCheckpoint(path);
    },
    isLoaderError('loadCheckpoint'),
  ),
  recordings: campaign(
    fc
      .tuple(damaged(RECORDING, RECORDING_MARKS), fc.boolean())
      .map(([text, sealed]) => (sealed ? correctDigest(text) : text)),
    (text) => parse(text),
    (error) => error instanceof RecordingError,
  ),
  logs: campaign(
    damaged(RUN_LOG, RUN_LOG_MARKS),
    (text) => {
      const log = openLog(counted(utf8Of(text)));
      for (let block = 0; block < log.blocks.length; block++) log.read(block);
    },
    (error) => error instanceof RecordingError,
  ),
  flags: campaign(
    fc.array(
      fc.oneof(
        fc.constantFrom('--flag', '--text', '--cell', '--steps', '--seed', '--rate', '--help', '--', '-', '--no-flag'),
        fc.constantFrom(
          '--seed=',
          '--rate=1e999',
          '--steps=1e3',
          '--cell=lstm',
          '--flag=1',
          '-1',
          '0',
          '7',
          '0x10',
          ' ',
          '',
        ),
        fc.string({ maxLength: 4 }),
        fc.string({ unit: 'binary', maxLength: 4 }).map((text) => `--${text}`),
      ),
      { maxLength: 4 },
    ),
    readFlags,
    ({ message }) => /^script\.ts: [^\n]+\n$/.test(message),
  ),
};

function readUtf8(chunks: readonly Uint8Array[]): void {
  const decoder = utf8();
  const text = [...chunks, undefined].map((chunk) => decoder.decode(chunk)).join('');
  const all = Buffer.concat(chunks);
  const fatal = new TextDecoder('utf-8', { fatal: true });
  if (decoder.invalid < 0) return assert.is(text, fatal.decode(all));
  assert.is(text, fatal.decode(all.subarray(0, decoder.invalid)));
  assert.throws(() => new TextDecoder('utf-8', { fatal: true }).decode(all), /encoded data was not valid/);
  throw new RangeError(`invalid UTF-8 at byte ${decoder.invalid}`);
}

function readCsv(chunks: readonly Uint8Array[]): void {
  const watch = guard({ name: 'x.csv', delimiter: ',', maxRecordBytes: 40 });
  for (const chunk of [...chunks, undefined]) {
    watch.parser.push(chunk);
    for (let some = watch.parser.take(); some !== undefined; some = watch.parser.take()) {
      assert.ok(some.endsWith('\n') && some.trim() !== '', JSON.stringify(some));
    }
  }
  for (let line = 0; watch.remaining > 0;) {
    const next = watch.nextLine();
    assert.ok(next > line, `${next} behind ${line}`);
    line = next;
  }
}

/** Words, their vocabulary, their tokens, and the text again. */
function tokenize(text: string): void {
  const symbols = all(from(Array.from(text)).pipe(words({ maxLength: 5 })));
  const [learned] = all(from(symbols).pipe(vocabulary()));
  assert.is(all(from(symbols).pipe(encode(learned!), decode(learned!))).join(''), text);
}

/** Collects the values of a synchronous observable; throws its error. */
function all<T>(values$: Observable<T>): T[] {
  const values: T[] = [];
  let failure: unknown;
  values$.subscribe({ next: (value) => values.push(value), error: (error: unknown) => (failure = error) });
  if (failure !== undefined) throw failure;
  return values;
}

/** Whether a loader's error names the path, and its cause is about the file, not an accident of the engine. */
function isLoaderError(loader: string): (error: Error) => boolean {
  const accident = /Cannot |is not a function|undefined \(|Maximum call stack|Invalid (array|typed)/;
  return ({ message, cause }) =>
    message.startsWith(`${loader}: ${path} could not be loaded: `) &&
    !accident.test(message) &&
    !(cause instanceof SyntaxError);
}

/** Corrects the digest on the last line of a recording, so that the reader checks more than the digest. */
function correctDigest(text: string): string {
  const end = text.lastIndexOf('\n% end, ') + 1;
  return (
    text.slice(0, end) + text.slice(end).replace(/[0-9a-f]{64}/, sha256(utf8Of(text.slice(0, Math.max(0, end - 1)))))
  );
}
