import { helpTable } from './helpTable.js';
import { terminalColumns } from './terminalColumns.js';

/**
 * Prints a row of a name and a text while a line of progress is shown, which it clears: a long text goes on beside the name,
 * or below it on a narrow terminal.
 */
export function printRow(name: string, text: string): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K'); // clear the progress line
  console.log(helpTable([[name, text]], terminalColumns()));
}
