import { parse } from '../../src/record/parse.js';
import { print } from '../../src/record/print.js';
import { RecordingError } from '../../src/record/RecordingError.js';
import { sha256 } from '../../src/record/sha256.js';
import { draws, mutated, readEach } from './readEach.js';

const MARKS = [
  ...'()|#-"{[]}0 \n', '\n\n', ' 1m ', ' 999999999999999ms ', ' := ', '\n# := {"name":"a","message":"b"}', 'title = a\n',
  '[[[[[[[[[[', '1e999', 'NaN', '\\ud800', 'Float32Array[1]', '% ', '%',
]; // prettier-ignore

/** Mutated recordings, half of them with their right digest, bombs among their seeds: each is read or refused in time. */
export function recordings(runs: number, seed: number): Promise<Readonly<Record<string, number>>> {
  const draw = draws(seed);
  const seeds = [small(), small(), small(), ...bombs()];
  const make = (): string => {
    const text = mutated(draw.of(seeds), MARKS, draw);
    return draw.below(2) === 0 ? text : sealed(text);
  };
  const ours = (error: Error): boolean => error instanceof RecordingError;
  return Promise.resolve(readEach(runs, make, (text) => parse(text), ours));
}

function small(): string {
  return print({
    about: { seed: 1, list: [NaN, -0] },
    tracks: [
      {
        title: 'a',
        marbles: [
          { step: 0, kind: 'N', value: 'x' },
          { step: 2, kind: 'N', value: { loss: 0.5, w: Float32Array.of(1) } },
          { step: 3, kind: 'E', error: { name: 'Error', message: 'no' } },
        ],
      },
    ],
  });
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
  const above = new TextEncoder().encode(text.slice(0, Math.max(0, at - 1)));
  return text.slice(0, at) + text.slice(at).replace(/[0-9a-f]{64}/, sha256(above));
}
