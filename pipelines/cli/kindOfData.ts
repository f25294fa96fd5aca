/** What data that is not text may be. */
export interface DataKind {
  /** Such as `is compressed by gzip`. */
  readonly what: string;
  /** The command that writes it as text, before the name of the file; undefined where there is none at hand. */
  readonly reader?: string;
  /** What to do without it. */
  readonly instead?: string;
}

const AS_CSV = 'write it as CSV first';

/** How files of other kinds begin, byte for byte. */
const KINDS: readonly (readonly [begin: string, kind: DataKind])[] = [
  ['\x1f\x8b\b', { what: 'is compressed by gzip', reader: 'gunzip -c' }],
  ['\x28\xb5\x2f\xfd', { what: 'is compressed by zstd', reader: 'zstd -dc' }],
  ['\xfd7zXZ', { what: 'is compressed by xz', reader: 'xz -dc' }],
  ['BZh91AY&SY', { what: 'is compressed by bzip2', reader: 'bzip2 -dc' }],
  ['PK\x03\x04', { what: 'is a ZIP archive', reader: 'unzip -p' }],
  ['LPKSHHRH', { what: 'is a journal of systemd', reader: 'journalctl --file' }],
  ['PAR1', { what: 'is a Parquet file', instead: AS_CSV }],
  ['ARROW1', { what: 'is an Arrow file', instead: AS_CSV }],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', { what: 'is a file of an older Excel', instead: 'save its sheet as CSV UTF-8' }],
  ['SQLite format 3\0', { what: 'is a database of SQLite', instead: AS_CSV }],
  ['%PDF-', { what: 'is a PDF file' }],
];
const SHEET: DataKind = { what: 'is a workbook, such as of Excel', instead: 'save its sheet as CSV UTF-8' };
const UTF_16: DataKind = {
  what: 'is UTF-16',
  reader: 'iconv -f UTF-16 -t UTF-8',
  instead: 'in Excel save it as CSV UTF-8',
};
const UNKNOWN: DataKind = { what: 'is not text, or not in UTF-8' };

/** The beginnings as a decoder of UTF-8 shows them, with U+FFFD for what is not UTF-8. */
const DECODED = KINDS.map(([begin, kind]) => [Buffer.from(begin, 'latin1').toString(), kind] as const);

/** Says what data may be that is not text in UTF-8, by its first characters, those that are invalid as U+FFFD. */
export function kindOfData(first: string): DataKind {
  const [, known] = DECODED.find(([begin]) => first.startsWith(begin)) ?? [];
  if (known?.reader === 'unzip -p' && /\[Content_Types\]\.xml|mimetypeapplication\//.test(first)) return SHEET;
  if (known) return known;
  const text = first.replace(/^\ufffd\ufffd/, ''); // without the mark of its byte order
  const least = text === first ? text.length / 3 : 0;
  const nulls = Array.from(text, (symbol, i) => (symbol === '\0' ? i % 2 : -1)).filter((place) => place >= 0);
  const isWide = nulls.length > least && new Set(nulls).size === 1;
  return isWide ? UTF_16 : UNKNOWN;
}
