import { parseValue } from './parseValue.js';
import { readTrack, refuse, type Line } from './readTrack.js';
import type { Recording, Track } from './recording.js';
import { sha256 } from './sha256.js';
import { LONGEST } from './valueText.js';

/** How a recording is read. */
export interface ParseOptions {
  /** Longest line in UTF-16 units; 1 Mi by default, so that an endless one is refused early. */
  readonly maxLine?: number;
}

const HEAD = /^% rxrnn recording (\d+), (10{0,8}) frames? a step$/;
const END = /^% end, (\d+) tracks, (\d+) marbles, sha-256 ([0-9a-f]{64})$/;

/**
 * The recording that `print` wrote, to the same bits; a RecordingError, and nothing else, where the text is another:
 * not ours, of another version, cut short, edited (its digest says so), a line that does not end. It names line and
 * column. Lines may end in CR LF.
 *
 * ```ts
 * import { from } from 'rxjs';
 * import { parse, print, recorder } from 'rxrnn/recording';
 *
 * const run = recorder({ about: { seed: 0 } });
 * from([0.1, NaN, -0]).pipe(run.record('numbers')).subscribe();
 * const { about, tracks } = parse(print(run.recording()));
 * console.log(about, tracks[0]!.title); // -> { seed: 0 } numbers
 * ```
 */
export function parse(text: string, { maxLine = LONGEST }: ParseOptions = {}): Recording {
  const body = text.replaceAll('\r\n', '\n');
  const lines = body.split('\n').map((text, i): Line => ({ text, number: i + 1 }));
  for (const line of lines)
    if (line.text.length > maxLine) refuse(`expected a line of at most ${maxLine}`, line, maxLine);
  const [head, about] = [lines[0]!, lines[1] ?? { text: '', number: 2 }];
  const [, version, frames] = HEAD.exec(head.text) ?? refuse('expected "% rxrnn recording 1, …"', head, 0);
  if (version !== '1') refuse(`expected version 1, got ${version}`, head, '% rxrnn recording '.length);
  if (!about.text.startsWith('% about ')) refuse('expected "% about …"', about, 0);
  const described = parseValue(about.text, '% about '.length, (message, at) => refuse(message, about, at));

  const last = lines.length - 2; // behind the end line there is only the end of the line
  const tracks: Track[] = [];
  for (let at = 2; at < last;) {
    const line = lines[at]!;
    if (line.text === '' || line.text.startsWith('%')) at += 1;
    else {
      const end = lines.findIndex(({ text }, i) => i > at && (text === '' || i === last));
      tracks.push(readTrack(lines.slice(at, end), Number(frames)));
      const { title } = tracks.at(-1)!;
      if (tracks.findIndex((track) => track.title === title) < tracks.length - 1) {
        refuse(`expected another title than ${title}, which was given`, lines[at + 1]!, 'title = '.length);
      }
      at = end;
    }
  }
  checkEnd(body, lines, tracks);
  return { about: described, tracks };
}

function checkEnd(body: string, lines: readonly Line[], tracks: readonly Track[]): void {
  const line = lines.at(-2) ?? lines[0]!;
  const [, trackCount, marbleCount, digest] = END.exec(line.text) ?? [];
  const rest = lines.at(-1)!;
  if (digest === undefined || rest.text !== '') refuse('expected "% end, …" and the end: cut short?', rest, 0);
  const marbles = tracks.reduce((sum, track) => sum + track.marbles.length, 0);
  if (Number(trackCount) !== tracks.length) refuse(`expected ${tracks.length} tracks to be told`, line, 7);
  if (Number(marbleCount) !== marbles) refuse(`expected ${marbles} marbles to be told`, line, 7);
  const above = body.slice(0, body.length - line.text.length - 2);
  const actual = sha256(new TextEncoder().encode(above));
  if (actual !== digest) refuse('expected the digest of what stands above: edited?', line, line.text.length - 64);
}
