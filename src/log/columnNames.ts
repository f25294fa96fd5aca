const MOST_COLUMNS = 64;

/** The names of columns that a line of W3C's extended log format, or of Zeek, gives to those behind it; undefined for others. */
export function columnNames(line: string): readonly string[] | undefined {
  const [, names] = /^#[Ff]ields:?[ \t]{1,8}(\S.{0,8191})$/.exec(line) ?? [];
  const list = names?.trim().split(names.includes(',') ? /[ \t]*,[ \t]*/ : /[ \t]+/, MOST_COLUMNS + 1);
  return list && list.length > 1 && list.length <= MOST_COLUMNS ? list : undefined;
}
