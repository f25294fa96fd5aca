import type { FollowedFile } from './openFollowed.js';
import type { LineParser } from './lineParser.js';

/** The lines that a writer adds to a file when another has taken its place already. */
export interface LateLines {
  /** Watches a file that was read to its end, instead of the one before. */
  watch(file: FollowedFile): void;
  /** Reads what was added; whether anything was. */
  read(): Promise<boolean>;
  /** The next line of it. */
  take(): string | undefined;
  close(): void;
}

/** Milliseconds without a new byte after which a file is let go: while it is open, its blocks are not free once it is removed. */
const PATIENCE = 600_000;

/** Watches one file at a time: writers that are slow to notice a rotation, such as several processes, write to the last one. */
export function lateLines(parse: (start?: number) => LineParser): LateLines {
  let file: FollowedFile | undefined;
  let parser: LineParser | undefined;
  let grown = 0;
  const rest: string[] = []; // of files before

  function close(): void {
    void file?.close().catch(() => undefined);
    file = undefined;
    parser?.push(undefined); // a line without an ending is one
    for (let line = parser?.take(); line !== undefined; line = parser!.take()) rest.push(line);
    parser = undefined;
  }
  return {
    watch(next) {
      close();
      [file, parser, grown] = [next, parse(next.offset), performance.now()];
    },
    async read() {
      const chunk = await file?.read();
      if (chunk === undefined) return false;
      if (typeof chunk === 'string') {
        if (chunk === 'replaced' || performance.now() - grown > PATIENCE) close();
        return rest.length > 0;
      }
      grown = performance.now();
      parser!.push(chunk);
      return true;
    },
    take: () => rest.shift() ?? parser?.take(),
    close,
  };
}
