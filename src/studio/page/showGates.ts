import uPlot from 'uplot';
import type { TextReading } from '../messages.js';
import { byId, variable, widthOf } from './dom.js';

const HEIGHT = 200;
const COLOURS = ['--accent', '--warm', '--good', '--held', '--ink', '--soft'];

let plot: uPlot | undefined;
new ResizeObserver(() => plot?.setSize({ width: widthOf(byId('gates-chart')), height: HEIGHT })).observe(
  byId('states'),
);
let shown = '';

/** Shows the gates of the unit that is looked at, over the last symbols of the text. */
export function showGates({ gates, units, symbols }: TextReading, redraw = false): void {
  byId('gates').hidden = gates === undefined;
  if (!gates) return;
  const names = Object.keys(gates.curves);
  const host = byId('gates-chart');
  const data = [
    names.length === 0 ? [] : gates.curves[names[0]!]!.map((_, i) => gates.from + i),
    ...names.map((name) => [...gates.curves[name]!]),
  ];
  const key = `${names.join()} ${units[gates.unit]}`;
  if (redraw || key !== shown || !plot) {
    plot?.destroy();
    shown = key;
    const grid = { stroke: variable('--line'), width: 1 };
    const [stroke, font] = [variable('--soft'), '12px system-ui, sans-serif'];
    plot = new uPlot(
      {
        width: widthOf(host),
        height: HEIGHT,
        scales: { x: { time: false } },
        series: [
          { label: 'at', value: (_, x) => (x === null ? '–' : `${x} “${symbols[x] ?? ''}”`) },
          ...names.map((label, i) => ({
            label,
            stroke: variable(COLOURS[i]!),
            width: label === 'h' || label === 'c' ? 2 : 1,
          })),
        ],
        axes: [
          { stroke, grid, font, size: 30 },
          { stroke, grid, font, size: 44 },
        ],
      },
      data as uPlot.AlignedData,
      host,
    );
  } else plot.setData(data as uPlot.AlignedData);
  byId('gates-about').textContent = `${units[gates.unit]}: ${Object.values(gates.means).join(', ')}.`;
}
