import { checkTitle } from './checkTitle.js';
import { diagram, tick, type Legend, type Message } from './diagram.js';
import type { Marble, Recording, Track } from './recording.js';
import { sha256 } from './sha256.js';
import { LONGEST, valueText } from './valueText.js';

/** Different values of a track that get a letter: as many as there are letters. */
const LETTERS = 100;

/**
 * A recording as text, a diagram for each track, for people to read and for `parse` to read back to the same bits.
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
 * A step is one frame, or so many (10, 100, …) that the groups of marbles of one step fit before the next. A value
 * that is one visible character stands for itself. A RangeError where a track has more than 100 other values, or a
 * value (such as the snapshot of a large model) needs a line of more than 1 Mi: such a run is a tape. `#` stands for an
 * error, as its name and message.
 */
export function print({ about, tracks }: Recording): string {
  const drawn = tracks.map(({ marbles }) => marbles.map(message));
  const frames = tick(...drawn);
  const blocks = tracks.map((track, i) => block(track, drawn[i]!, frames));
  const head = `% rxrnn recording 1, ${frames} ${frames === 1 ? 'frame' : 'frames'} a step\n% about ${valueText(about)}\n`;
  const body = [head, ...blocks].join('\n');
  const long = body.split('\n').find((line) => line.length > LONGEST);
  if (long !== undefined) {
    const start = JSON.stringify(long.slice(0, 40));
    throw new RangeError(`print: the line ${start}… has ${long.length} characters, more than ${LONGEST}; write a tape`);
  }
  const marbles = tracks.reduce((sum, track) => sum + track.marbles.length, 0);
  const digest = sha256(new TextEncoder().encode(body));
  return `${body}\n% end, ${tracks.length} tracks, ${marbles} marbles, sha-256 ${digest}\n`;
}

/** A marble as `diagram` takes it: an error by its text. */
function message({ step, ...marble }: Marble): Message {
  const notification = marble.kind === 'E' ? ({ kind: 'E', error: valueText(marble.error) } as const) : marble;
  return { frame: step, notification };
}

function block({ title, marbles }: Track, messages: readonly Message[], tick: number): string {
  checkTitle(title);
  for (const marble of marbles) if (marble.kind === 'N') valueText(marble.value); // refuses what would not come back
  const legend: Legend = new Map();
  const lines = [diagram(messages, { legend, tick }), `title = ${title}`];
  for (const [text, marble] of legend) {
    if (marble !== '#' && text !== JSON.stringify(marble)) lines.push(`${marble} := ${text}`);
  }
  if (lines.length > LETTERS + 2) {
    throw new RangeError(
      `print: "${title}" has ${lines.length - 2} different values, more than the ${LETTERS} letters; write it to a ` +
        'tape, or print a stretch of it',
    );
  }
  for (const marble of marbles) if (marble.kind === 'E') lines.push(`# := ${valueText(marble.error)}`);
  return `${lines.join('\n')}\n`;
}
