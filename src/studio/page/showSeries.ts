import uPlot from 'uplot';
import type { Attention, Series } from '../messages.js';
import { byId, make, variable, widthOf } from './dom.js';

/** A series on the page: its plot, and what its alarms are about. */
interface Shown {
  /** The lines that it has besides what came. */
  readonly lines: string;
  readonly plot: uPlot;
  readonly notes: HTMLElement;
}

const plots = new Map<string, Shown>();
const HEIGHT = 220;
new ResizeObserver(() => {
  for (const { plot } of plots.values()) plot.setSize({ width: widthOf(byId('series-charts')), height: HEIGHT });
}).observe(byId('series'));

/** Lines that a series may have besides what came, and what each is in words. */
const LINES = {
  expected: 'the dashed one what was expected',
  band: 'the band where most of it should lie',
  alarms: 'a mark an alarm',
} as const;
type Line = keyof typeof LINES;

/** Draws each series, with what was expected of it, the band, and its alarms where it has them. */
export function showSeries(all: readonly Series[], redraw = false): void {
  byId('series').hidden = all.length === 0;
  const host = byId('series-charts');
  if (redraw) {
    for (const { plot } of plots.values()) plot.destroy();
    plots.clear();
    host.replaceChildren();
  }
  const found = all.map(linesOf);
  const words = Object.entries(LINES).flatMap(([line, words]) =>
    found.some((lines) => lines.includes(line as Line)) ? [words] : [],
  );
  byId('series-about').textContent = `The line is what came${words.map((each) => `, ${each}`).join('')}.`;
  for (const [i, one] of all.entries()) {
    const alarms = one.time.map((time, i) => (one.alarms.includes(time) ? one.value[i]! : null));
    const before = plots.get(one.title);
    const lines = found[i]!;
    const shown = before?.lines === lines.join() ? before : newPlot(host, one.title, lines, before);
    plots.set(one.title, shown);
    const columns = {
      expected: [one.expected],
      band: [one.low, one.high],
      alarms: [alarms],
    } as const;
    const data = [one.time, one.value, ...lines.flatMap((line): readonly unknown[] => columns[line])];
    shown.plot.setData(data as unknown as uPlot.AlignedData);
    shown.notes.replaceChildren(...one.notes.toReversed().map(({ time, note }) => row(time, note)));
  }
}

function linesOf({ expected, low, high, alarms }: Series): Line[] {
  const has = (values: readonly (number | null)[]): boolean => values.some((value) => value !== null);
  const lines = { expected: has(expected), band: has(low) && has(high), alarms: alarms.length > 0 };
  return (Object.keys(LINES) as Line[]).filter((line) => lines[line]);
}

function row(time: number, note: string): HTMLElement {
  const item = make('li');
  item.append(make('b', time.toLocaleString('en')), ` ${note}`);
  return item;
}

/** Makes the plot of a series; where there was one, whose lines were others, it takes its place. */
function newPlot(host: HTMLElement, title: string, lines: readonly Line[], before?: Shown): Shown {
  const place = make('div', '', 'chart');
  place.setAttribute('role', 'img');
  place.setAttribute('aria-label', `The series ${title}${lines.includes('expected') ? ', and what was expected' : ''}`);
  const notes = before?.notes ?? make('ol', '', 'notes');
  if (before) {
    before.plot.root.parentElement!.replaceWith(place);
    before.plot.destroy();
  } else {
    notes.setAttribute('aria-label', `Alarms of ${title}, the latest first`);
    notes.tabIndex = 0;
    host.append(make('h3', title), place, notes);
  }
  const [accent, held, warm] = ['--accent', '--held', '--warm'].map(variable);
  const grid = { stroke: variable('--line'), width: 1 };
  const axis = { stroke: variable('--soft'), grid, font: '12px system-ui, sans-serif' };
  const edge = { stroke: 'transparent', points: { show: false } };
  const series: Readonly<Record<Line, readonly uPlot.Series[]>> = {
    expected: [{ label: 'expected', stroke: held!, dash: [6, 4] }],
    band: [
      { label: 'low', ...edge },
      { label: 'high', ...edge },
    ],
    alarms: [
      { label: 'alarm', stroke: warm!, fill: warm!, paths: () => null, points: { show: true, size: 9, fill: warm! } },
    ],
  };
  const low = lines.includes('expected') ? 3 : 2; // its place, then that of the other end
  const plot = new uPlot(
    {
      width: widthOf(host),
      height: HEIGHT,
      scales: { x: { time: false } },
      series: [{ label: 'at' }, { label: 'came', stroke: accent!, width: 2 }, ...lines.flatMap((line) => series[line])],
      bands: lines.includes('band')
        ? [{ series: [low + 1, low], fill: `color-mix(in srgb, ${held} 18%, transparent)` }]
        : [],
      axes: [axis, { ...axis, size: 54 }],
    },
    [[], [], ...lines.flatMap((line) => series[line].map(() => []))] as unknown as uPlot.AlignedData,
    place,
  );
  return { lines: lines.join(), plot, notes };
}

/** Draws attention as a table: rows that were written, columns that were read. */
export function showAttention({ inputs, outputs, weights }: Attention): void {
  byId('attention').hidden = false;
  const head = make('tr');
  head.append(make('td'), ...inputs.map((symbol) => make('th', symbol)));
  const rows = outputs.map((symbol, i) => {
    const row = make('tr');
    row.append(
      make('th', symbol),
      ...inputs.map((_, j) => {
        const share = weights[i]?.[j] ?? 0;
        const cell = make('td');
        cell.style.setProperty('--p', `${Math.round(share * 100)}%`);
        cell.title = share.toFixed(2);
        return cell;
      }),
    );
    return row;
  });
  byId('attention-table').replaceChildren(head, ...rows);
}
