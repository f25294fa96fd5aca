import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { checkReadable } from './checkReadable.js';
import { commandLine } from './commandLine.js';
import { otherThanText } from './otherThanText.js';
import { jobCommand } from './suggest.js';

/** How a job reads texts. */
export interface CheckTextOptions {
  /** Whether a pipe will do, for which the path may be `/dev/stdin`; false by default. */
  readonly pipes?: boolean;
  /** Whether the job reads standard input without a file; false by default. */
  readonly stdin?: boolean;
}

const LOOKED_AT = 4096; // bytes

/** Throws an Error where a path cannot be read, or is a file that is not text: it says what the file is, and how to read it. */
export function checkText(path: string, { pipes = false, stdin = false }: CheckTextOptions = {}): void {
  checkReadable(path, { pipes });
  if (!statSync(path).isFile()) return;
  const kind = otherThanText(beginOf(path));
  if (kind === undefined) return;
  const { what, reader, instead } = kind;
  throw new Error(`${path} ${what}${adviceOf()}`);

  function adviceOf(): string {
    if (reader === undefined) return instead === undefined ? '' : `: ${instead}`;
    const or = instead === undefined ? '' : `, or ${instead}`;
    const unpacked = commandLine([...reader.split(' '), path]);
    if (!pipes && !stdin) return `; unpack or convert it first: ${unpacked} > FILE${or}`;
    const script = process.argv[1] ?? '';
    return `: ${unpacked} | ${jobCommand(basename(script, extname(script)), stdin ? [] : ['--data', '/dev/stdin'])} reads it${or}`;
  }
}

/** The beginning of a file, with U+FFFD for what is not UTF-8. */
function beginOf(path: string): string {
  const bytes = Buffer.alloc(LOOKED_AT);
  const file = openSync(path, 'r');
  try {
    const text = bytes.subarray(0, readSync(file, bytes)).toString();
    return text.replace(/\ufffd{1,3}$/, ''); // a character that is cut
  } finally {
    closeSync(file);
  }
}
