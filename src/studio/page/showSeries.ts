import uPlot from 'uplot';
import type { Attention, Series } from '../messages.js';
import { byId, make, variable, widthOf } from './dom.js';

/** A series on the page: its plot, and what its alarms are about. */
interface Shown {
  readonly plot: uPlot;
  readonly notes: HTMLElement;
}

const plots = new Map<string, Shown>();
const HEIGHT = 220;
new ResizeObserver(() => {
  for (const { plot } of plots.values()) plot.setSize({ width: widthOf(byId('series-charts')), height: HEIGHT });
}).observe(byId('series'));

/** Draws each series with what was expected of it, the band, and its alarms. */
export function showSeries(all: readonly Series[], redraw = false): void {
  byId('series').hidden = all.length === 0;
  const host = byId('series-charts');
  if (redraw) {
    for (const { plot } of plots.values()) plot.destroy();
    plots.clear();
    host.replaceChildren();
  }
  for (const one of all) {
    const alarms = one.time.map((time, i) => (one.alarms.includes(time) ? one.value[i]! : null));
    const data = [one.time, one.value, one.expected, one.low, one.high, alarms] as unknown as uPlot.AlignedData;
    const shown = plots.get(one.title) ?? newPlot(host, one.title);
    plots.set(one.title, shown);
    shown.plot.setData(data);
    shown.notes.replaceChildren(...one.notes.toReversed().map(({ time, note }) => row(time, note)));
  }
}

function row(time: number, note: string): HTMLElement {
  const item = make('li');
  item.append(make('b', time.toLocaleString('en')), ` ${note}`);
  return item;
}

function newPlot(host: HTMLElement, title: string): Shown {
  const place = make('div', '', 'chart');
  place.setAttribute('role', 'img');
  place.setAttribute('aria-label', `The series ${title}, and what was expected`);
  const notes = make('ol', '', 'notes');
  notes.setAttribute('aria-label', `Alarms of ${title}, the latest first`);
  notes.tabIndex = 0;
  host.append(make('h3', title), place, notes);
  const [accent, held, warm] = ['--accent', '--held', '--warm'].map(variable);
  const grid = { stroke: variable('--line'), width: 1 };
  const axis = { stroke: variable('--soft'), grid, font: '12px system-ui, sans-serif' };
  const edge = { stroke: 'transparent', points: { show: false } };
  const plot = new uPlot(
    {
      width: widthOf(host),
      height: HEIGHT,
      scales: { x: { time: false } },
      series: [
        { label: 'at' },
        { label: 'came', stroke: accent!, width: 2 },
        { label: 'expected', stroke: held!, dash: [6, 4] },
        { label: 'low', ...edge },
        { label: 'high', ...edge },
        { label: 'alarm', stroke: warm!, fill: warm!, paths: () => null, points: { show: true, size: 9, fill: warm! } },
      ],
      bands: [{ series: [4, 3], fill: `color-mix(in srgb, ${held} 18%, transparent)` }],
      axes: [axis, { ...axis, size: 54 }],
    },
    [[], [], [], [], [], []],
    place,
  );
  return { plot, notes };
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
