import { show } from '../check/show.js';
import { checkTitle } from './checkTitle.js';
import { diagram, tick, type Legend, type Message } from './diagram.js';
import type { Marble, Recording, Track } from './recording.js';
import { sha256 } from './sha256.js';
import { LONGEST, valueText } from './valueText.js';
import { checkWholeTracks } from './checkWholeTracks.js';
import { checkRecording } from './checkRecording.js';
import { isOwnMarble, LETTERS } from './marbleLetters.js';

/**
 * Writes a recording as text, one diagram per track, for people to read and for `parse` to read back to the same bits.
 *
 * ```
 * % rxrnn recording 1, 1 frame a step
 * % about {"system":"srn","seed":0}
 *
 * -hel(l|)
 * title = inputs
 *
 * -abc(d|)
 * title = losses
 * a := 4.174387
 * …
 *
 * % end, 2 tracks, 10 marbles, sha-256 0f…
 * ```
 *
 * A step is one frame, or as many (10, 100, …) as the marbles of one step need before the next. A value that is one
 * visible character is its own marble; `#` is an error, with its name and message. A RangeError where a track has more
 * than 100 other values, or where a value (such as the snapshot of a large model) needs a line longer than 1 Mi: write
 * such a run as a run log (`runLog`, `writeLog`).
 */
export function print(recording: Recording): string {
  checkRecording('print', 'recording', recording);
  checkWholeTracks('print', 'recording.tracks', recording.tracks);
  const { about, tracks } = recording;
  const drawn = tracks.map(({ marbles }) => marbles.map(message));
  const frames = tick(drawn);
  const blocks = tracks.map((track, i) => trackText(track, drawn[i]!, frames));
  const head = `% rxrnn recording 1, ${frames} ${frames === 1 ? 'frame' : 'frames'} a step\n% about ${valueText(about)}\n`;
  const body = [head, ...blocks].join('\n');
  const long = body.split('\n').find((line) => line.length > LONGEST);
  if (long !== undefined) {
    const start = show(long.slice(0, 40));
    throw new RangeError(
      `print: the line ${start}… has ${long.length} characters, more than ${LONGEST}; write a run log`,
    );
  }
  const marbles = tracks.reduce((sum, track) => sum + track.marbles.length, 0);
  const digest = sha256(new TextEncoder().encode(body));
  return `${body}\n% end, ${tracks.length} tracks, ${marbles} marbles, sha-256 ${digest}\n`;
}

/** Makes the message that `diagram` takes of a marble; an error is its text. */
function message({ step, ...marble }: Marble): Message {
  const notification = marble.kind === 'E' ? ({ kind: 'E', error: valueText(marble.error) } as const) : marble;
  return { frame: step, notification };
}

function trackText({ title, marbles }: Track, messages: readonly Message[], tick: number): string {
  checkTitle('print', title);
  const others = new Set<string>();
  for (const marble of marbles) {
    if (marble.kind !== 'N') continue;
    const text = valueText(marble.value); // refuses values that could not be read back
    if (!isOwnMarble(marble.value)) others.add(text);
    if (others.size <= LETTERS.length) continue;
    throw new RangeError(
      `print: "${title}" has more than ${LETTERS.length} different values, and there are no more letters; write a run log, ` +
        'or print a part of it',
    );
  }
  const legend: Legend = new Map();
  const lines = [diagram(messages, { legend, tick }), `title = ${title}`];
  for (const [text, marble] of legend) {
    if (marble !== '#' && text !== JSON.stringify(marble)) lines.push(`${marble} := ${text}`);
  }
  for (const marble of marbles) if (marble.kind === 'E') lines.push(`# := ${valueText(marble.error)}`);
  return `${lines.join('\n')}\n`;
}
