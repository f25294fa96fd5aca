import { kindOfColumn } from './kindOfColumn.js';

const MOST_COLUMNS = 64;

/**
 * The names of columns that a line of W3C's extended log format, or of Zeek, gives to those behind it; undefined for others. A
 * date or time is among them: without one it is a line of another log.
 */
export function columnNames(line: string): readonly string[] | undefined {
  const [, names] = /^#[Ff]ields:?[ \t]{1,8}(\S.{0,8191})$/.exec(line) ?? [];
  const list = names?.trim().split(names.includes(',') ? /[ \t]*,[ \t]*/ : /[ \t]+/, MOST_COLUMNS + 1);
  if (!list || list.length < 2 || list.length > MOST_COLUMNS) return undefined;
  return list.some((name) => kindOfColumn(name) !== undefined) ? list : undefined;
}
