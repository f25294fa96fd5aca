/** The width of the terminal that standard output is; `Infinity` where it is none, or one of unknown width, which says 0. */
export function terminalColumns(): number {
  const { isTTY, columns } = process.stdout;
  return isTTY && columns > 0 ? columns : Infinity;
}
