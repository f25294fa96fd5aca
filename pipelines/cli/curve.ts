const LABEL = 8; // before the first column

/** Columns that the terminal has room for; 64 where it has more, and where there is none. */
function room(): number {
  const wide = process.stdout.columns || 80; // a terminal that does not tell says 0
  return Math.max(1, Math.min(64, wide - LABEL - 1));
}

/** A curve of numbers drawn in text: `rows` high, `columns` wide, each column the mean of its share, axes labelled. */
export function curve(
  values: readonly number[],
  { rows = 10, columns = room() }: { rows?: number; columns?: number } = {},
): string {
  const width = Math.min(columns, values.length);
  const means = Array.from({ length: width }, (_, c) => {
    const share = values.slice(Math.floor((c * values.length) / width), Math.floor(((c + 1) * values.length) / width));
    return share.reduce((sum, value) => sum + value, 0) / share.length;
  });
  const [low, high] = [Math.min(...means), Math.max(...means)];
  // eight heights to a row
  const heights = means.map((mean) => Math.round(((mean - low) / (high - low || 1)) * (rows * 8 - 1)) + 1);
  const lines = Array.from({ length: rows }, (_, r) => {
    const floor = (rows - 1 - r) * 8;
    const label = r === 0 ? high.toFixed(2) : r === rows - 1 ? low.toFixed(2) : '';
    const bars = heights.map((height) => ' ▁▂▃▄▅▆▇█'[Math.max(0, Math.min(8, height - floor))]);
    return `${label.padStart(6)} ┤${bars.join('').trimEnd()}`;
  });
  return lines.join('\n');
}
