const LABEL = 8; // characters before the first column

/** Number of columns that fit the terminal, at most 64; 64 without a terminal. */
function columnsOfTerminal(): number {
  const wide = process.stdout.columns || 80; // a terminal of unknown width says 0
  return Math.max(1, Math.min(64, wide - LABEL - 1));
}

/** Draws numbers as a curve of text, `rows` high and `columns` wide; each column is the mean of its share of them. */
export function curve(
  values: readonly number[],
  { rows = 10, columns = columnsOfTerminal() }: { rows?: number; columns?: number } = {},
): string {
  const width = Math.min(columns, values.length);
  const means = Array.from({ length: width }, (_, c) => {
    const share = values.slice(Math.floor((c * values.length) / width), Math.floor(((c + 1) * values.length) / width));
    return share.reduce((sum, value) => sum + value, 0) / share.length;
  });
  const [low, high] = [Math.min(...means), Math.max(...means)];
  // eight heights per row
  const heights = means.map((mean) => Math.round(((mean - low) / (high - low || 1)) * (rows * 8 - 1)) + 1);
  const lines = Array.from({ length: rows }, (_, r) => {
    const floor = (rows - 1 - r) * 8;
    const label = r === 0 ? high.toFixed(2) : r === rows - 1 ? low.toFixed(2) : '';
    const bars = heights.map((height) => ' ▁▂▃▄▅▆▇█'[Math.max(0, Math.min(8, height - floor))]);
    return `${label.padStart(6)} ┤${bars.join('').trimEnd()}`;
  });
  return lines.join('\n');
}
