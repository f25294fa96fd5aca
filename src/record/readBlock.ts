import type { Block } from './openLog.js';
import { parseValue } from './parseValue.js';
import type { Entry, ErrorText } from './recording.js';
import { RecordingError } from './RecordingError.js';
import { sha256 } from './sha256.js';

/** The entries of a block, checked by the digest of the blocks before it and its own; a RecordingError otherwise. */
export function readBlock(text: string, { line: first, entries, digest, step: start }: Block, before: string): Entry[] {
  const closing = `~ ${digest}\n`;
  const body = text.slice(0, -closing.length);
  if (!text.endsWith(closing) || sha256(new TextEncoder().encode(before + body)) !== digest) {
    throw new RecordingError('expected the digest of this block of entries: edited?', first, 1, 'openLog');
  }
  const read: Entry[] = [];
  const titles: string[] = [];
  let step = start;
  for (const [i, line] of body.split('\n').slice(0, -1).entries()) {
    const refuse = (message: string, at: number): never => {
      throw new RecordingError(message, first + i, at + 1, 'openLog');
    };
    if (line.startsWith('@ ')) {
      const list = parseValue(line, line.indexOf(' ', 2) + 1, refuse);
      titles.push(...(Array.isArray(list) ? list.map(String) : []));
      continue;
    }
    if (line.startsWith('= ')) {
      titles.push(String(parseValue(line, 2, refuse)));
      continue;
    }
    const [matched, gap, track] = /^(\d{1,15}) (\d{1,9}) /.exec(line) ?? refuse('expected steps, track and value', 0);
    const title = titles[Number(track)] ?? refuse('expected a track that was named', gap!.length + 1);
    step += Number(gap);
    const at = matched.length;
    if (line[at] === '|' && line.length === at + 1) read.push({ title, step, kind: 'C' });
    else if (line[at] === '#') {
      read.push({ title, step, kind: 'E', error: parseValue(line, at + 2, refuse) as ErrorText });
    } else read.push({ title, step, kind: 'N', value: parseValue(line, at, refuse) });
  }
  if (read.length !== entries) {
    throw new RecordingError(`expected ${entries} entries in this block, got ${read.length}`, first, 1, 'openLog');
  }
  return read;
}
