// What a run log is read from, and the parts that it is read in.
/** Bytes with random access; `fileBytes` makes them of a file. */
export interface Bytes {
  readonly length: number;
  /** Returns a copy or a view of the bytes from `start` to before `end`; both are within the length. */
  read(start: number, end: number): Uint8Array;
}

/** The position of a block, and the digest of everything up to its end. */
export interface Block {
  readonly start: number;
  readonly end: number;
  /** Its first line in the text, from 1. */
  readonly line: number;
  readonly entries: number;
  /** The step of its first entry. */
  readonly step: number;
  readonly digest: string;
}
