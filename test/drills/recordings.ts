import { createHash } from 'node:crypto';
import { parse } from '../../src/record/parse.js';
import { print } from '../../src/record/print.js';
import type { Track } from '../../src/record/recording.js';
import { RecordingError } from '../../src/record/RecordingError.js';
import { draws, mutated, readEach } from './readEach.js';

const MARKS = [
  ...'()|#-"{[]}0 \n', '\n\n', ' 1m ', ' 999999999999999ms ', ' := ', '\n# := {"name":"a","message":"b"}', 'title = a\n',
  '[[[[[[[[[[', '1e999', 'NaN', '\\ud800', 'Float32Array[1]',
  'Int32Array [1,2]', 'Map [["h",1]]', '% ', '%',
]; // prettier-ignore

/** Mutated recordings, half of them with their right digest, an eighth of them bombs: each is read or refused in time. */
export function recordings(runs: number, seed: number): Promise<Readonly<Record<string, number>>> {
  const draw = draws(seed);
  const [small, large] = [valid(), bombs()];
  const make = (): string => {
    const text = mutated(draw.of(draw.below(8) === 0 ? large : small), MARKS, draw);
    return draw.below(2) === 0 ? text : sealed(text);
  };
  const ours = (error: Error): boolean => error instanceof RecordingError;
  return Promise.resolve(readEach(runs, make, (text) => parse(text), ours));
}

function valid(): string[] {
  const first: Track = {
    title: 'a',
    marbles: [
      { step: 0, kind: 'N', value: 'x' },
      { step: 2, kind: 'N', value: { loss: 0.5, w: Float32Array.of(1) } },
      { step: 3, kind: 'E', error: { name: 'Error', message: 'no' } },
    ],
  };
  const together: Track = {
    title: 'b: é🦖',
    marbles: [
      { step: 1, kind: 'N', value: '🦖' },
      { step: 1, kind: 'N', value: [-Infinity, -0, null, true, undefined, 5e-324] },
      {
        step: 70_000,
        kind: 'N',
        value: { 'a key': { w: Float64Array.of(NaN, 0.1) }, t: new Map([['h', Uint8Array.of(0, 255)]]) },
      },
      { step: 70_000, kind: 'C' },
    ],
  };
  const texts = [
    print({ about: { seed: 1, list: [NaN, -0] }, tracks: [first] }),
    print({ about: null, tracks: [together, first, { title: 'empty', marbles: [] }] }),
    print({ about: ['\u2028', '\\', '"'], tracks: [] }),
  ];
  return [...texts, texts[1]!.replaceAll('\n', '\r\n')];
}

function bombs(): string[] {
  const head = '% rxrnn recording 1, 1 frame a step\n% about null\n';
  const tracks = (count: number): string => Array.from({ length: count }, (_, i) => `\n-a|\ntitle = t${i}\n`).join('');
  return [
    `${head}${tracks(4000)}\n${end(4000, 8000)}`,
    `${head}\n${'1ms '.repeat(20_000)}a|\ntitle = x\n\n${end(1, 2)}`,
    `${head}\n${'(ab)'.repeat(20_000)}\ntitle = x\n\n${end(1, 40_000)}`,
    `% rxrnn recording 1, 1 frame a step\n% about ${'['.repeat(50_000)}\n\n${end(0, 0)}`,
  ].map(sealed);
}

function end(tracks: number, marbles: number): string {
  return `% end, ${tracks} tracks, ${marbles} marbles, sha-256 ${'0'.repeat(64)}\n`;
}

/** Corrects the digest on the last line, so that the reader checks more than the digest. */
function sealed(text: string): string {
  const at = text.lastIndexOf('\n% end, ') + 1;
  const above = text.slice(0, at).replaceAll('\r\n', '\n').slice(0, -1);
  const digest = createHash('sha256').update(above).digest('hex');
  return text.slice(0, at) + text.slice(at).replace(/[0-9a-f]{64}/, digest);
}
