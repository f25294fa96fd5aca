/** A symbol as a list names it: in quotes where it is white space. */
export function shownSymbol(symbol: string): string {
  return symbol.trim() === '' ? JSON.stringify(symbol) : symbol;
}
