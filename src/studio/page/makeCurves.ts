import uPlot from 'uplot';
import { curveHistory } from '../curveHistory.js';
import { pointAt } from '../points.js';
import type { ComparedRun, Points } from '../messages.js';
import { axisWidth, byId, make, short, variable, widthOf } from './dom.js';

/** The curves of the run, over those of earlier ones. */
export interface Curves {
  /** All points, in place of those that are there. */
  reset(points: Points): void;
  add(points: Points): void;
  /** Takes earlier runs, which the next `draw` shows. */
  compare(own: Readonly<Record<string, string>>, runs: readonly ComparedRun[]): void;
  /** Draws what is new. */
  draw(): void;
  /** Draws everything again, as in other colours. */
  restyle(): void;
}

const SMALL = ['norm', 'rate', 'speed'] as const;
/** Kinds of scales: uPlot names them in an enum that is in its declarations alone. */
const [LINEAR, LOGARITHMIC] = [1, 3] as unknown as readonly [uPlot.Scale.Distr, uPlot.Scale.Distr];
const DASHES: readonly number[][] = [
  [2, 4],
  [8, 3],
  [8, 3, 2, 3],
  [1, 2],
];

/** Makes the curves. */
export function makeCurves(): Curves {
  const history = curveHistory();
  const axis = byId('axis', 'select');
  const log = byId('log', 'input');
  let runs: readonly ComparedRun[] = [];
  let plots: Partial<Record<'loss' | (typeof SMALL)[number], uPlot>> = {};
  let changed = false;
  let held = false; // whether the loss on held-out text is drawn

  function clear(): void {
    for (const plot of Object.values(plots)) plot.destroy();
    plots = {};
    changed = true;
  }
  function restyle(): void {
    clear();
    draw();
  }
  axis.addEventListener('change', restyle);
  log.addEventListener('change', restyle);
  new ResizeObserver(() => {
    for (const [id, plot] of Object.entries(plots)) plot.setSize(sizeOf(id));
  }).observe(byId('curves'));

  function draw(): void {
    if (!changed) return;
    const { points } = history;
    if (points.count.length === 0) return;
    changed = false;
    const hasHeld = points.heldOut.some((loss) => loss !== null);
    if (hasHeld !== held) {
      plots.loss?.destroy();
      delete plots.loss;
      held = hasHeld;
    }
    const x = abscissae(points, axis.value as 'step' | 'tokens' | 'seconds');
    const loss = joined(x, points, held, axis.value === 'step' ? runs : []);
    plots.loss ??= newPlot('loss', lossSeries(held, axis.value === 'step' ? runs : []), log.checked);
    plots.loss.setData(loss);
    for (const [id, values] of [
      ['norm', points.gradientNorm],
      ['rate', points.learningRate],
      ['speed', speeds(points)],
    ] as const) {
      plots[id] ??= newPlot(id, [{}, line(variable('--accent'))], log.checked && id !== 'speed');
      plots[id].setData([x, log.checked ? values.map((y) => (y !== null && y > 0 ? y : null)) : [...values]]);
    }
  }
  return {
    reset(points) {
      history.clear();
      for (let i = 0; i < points.count.length; i++) history.add(pointAt(points, i));
      changed = true;
    },
    add(points) {
      for (let i = 0; i < points.count.length; i++) history.add(pointAt(points, i));
      changed = true;
    },
    compare(own, others) {
      runs = others;
      showDifferences(own, others);
      clear();
    },
    draw,
    restyle,
  };
}

function sizeOf(id: string): { width: number; height: number } {
  return { width: widthOf(byId(id)), height: id === 'loss' ? 250 : 120 };
}

function newPlot(id: string, series: uPlot.Series[], logarithmic: boolean): uPlot {
  const grid = { stroke: variable('--line'), width: 1 };
  const ink = variable('--soft');
  const font = '12px system-ui, sans-serif';
  const values = (_: uPlot, ticks: (number | null)[]): string[] =>
    ticks.map((tick) => (tick === null ? '' : compact(tick)));
  const host = byId(id);
  host.replaceChildren();
  return new uPlot(
    {
      ...sizeOf(id),
      series,
      legend: { show: id === 'loss' },
      cursor: { y: false, points: { size: 7 } },
      scales: { x: { time: false }, y: { distr: logarithmic ? LOGARITHMIC : LINEAR } },
      axes: [
        { stroke: ink, grid, ticks: grid, font, values, space: 60, size: 30 },
        { stroke: ink, grid, ticks: grid, font, values, size: (_, labels) => axisWidth(labels), space: 24 },
      ],
    },
    [[], ...series.slice(1).map(() => [])] as unknown as uPlot.AlignedData,
    host,
  );
}

function compact(x: number): string {
  const size = Math.abs(x);
  if (size >= 1e6) return `${Number((x / 1e6).toPrecision(3))}M`;
  return size >= 1e4 ? `${Number((x / 1e3).toPrecision(3))}k` : short(x);
}

function line(stroke: string, label = '', more: Partial<uPlot.Series> = {}): uPlot.Series {
  return { stroke, label, width: 2, points: { show: false }, value: (_, y) => (y === null ? '–' : short(y)), ...more };
}

function lossSeries(held: boolean, runs: readonly ComparedRun[]): uPlot.Series[] {
  const accent = variable('--accent');
  return [
    { label: 'at', value: (_, x) => (x === null ? '–' : short(x)) },
    line(`color-mix(in srgb, ${accent} 35%, transparent)`, 'each', { width: 1 }),
    line(accent, 'training, smoothed'),
    ...(held
      ? [line(variable('--held'), 'held out', { dash: [6, 4], spanGaps: true, points: { show: true, size: 5 } })]
      : []),
    ...runs.map(({ name }, i) =>
      line(variable('--old'), name, { dash: DASHES[i % DASHES.length]!, width: 1.5, spanGaps: true }),
    ),
  ];
}

/** Positions that never go back: after a reset the steps do, and then updates are counted instead. */
function abscissae(points: Points, kind: 'step' | 'tokens' | 'seconds'): number[] {
  const values = points[kind];
  if (values.every((value, i) => i === 0 || value > values[i - 1]!)) return [...values];
  let count = 0;
  return points.count.map((steps) => (count += steps));
}

/** The loss at each point, smoothed beside it, and the earlier runs, on one axis. */
function joined(x: number[], points: Points, held: boolean, runs: readonly ComparedRun[]): uPlot.AlignedData {
  const heldOut = held ? [[...points.heldOut]] : [];
  const own = [x, [...points.loss], smoothed(points.loss), ...heldOut] as uPlot.AlignedData;
  if (runs.length === 0) return own;
  return uPlot.join([own, ...runs.map(({ steps, losses }) => [[...steps], [...losses]] as uPlot.AlignedData)]);
}

/** The mean over a fortieth of the curve around each point. */
function smoothed(values: readonly number[]): number[] {
  const half = Math.max(2, Math.round(values.length / 80));
  const sums = [0];
  for (const value of values) sums.push(sums.at(-1)! + (Number.isFinite(value) ? value : 0));
  return values.map((_, i) => {
    const reach = Math.min(half, i, values.length - 1 - i); // as far to both sides, so that it does not lag
    return (sums[i + reach + 1]! - sums[i - reach]!) / (2 * reach + 1);
  });
}

function speeds({ tokens, seconds }: Points): (number | null)[] {
  const WIDTH = Math.max(1, Math.round(tokens.length / 60)); // a mean over a sixtieth of the curve
  return tokens.map((_, i) => {
    const before = Math.max(0, i - WIDTH);
    const time = seconds[i]! - seconds[before]!;
    return time > 0 ? Math.max(0, (tokens[i]! - tokens[before]!) / time) : null;
  });
}

function showDifferences(own: Readonly<Record<string, string>>, runs: readonly ComparedRun[]): void {
  const all = [{ name: 'this run', settings: own }, ...runs];
  const names = [...new Set(all.flatMap(({ settings }) => Object.keys(settings)))];
  const differing = names.filter((name) => new Set(all.map(({ settings }) => settings[name])).size > 1);
  byId('compared').hidden = runs.length === 0;
  const row = (cells: readonly string[], heading: boolean): HTMLTableRowElement => {
    const tr = make('tr');
    tr.append(...cells.map((cell, i) => make(heading || i === 0 ? 'th' : 'td', cell === '' ? '–' : cell)));
    return tr;
  };
  byId('differences').replaceChildren(
    row(['setting', ...all.map(({ name }) => name)], true),
    ...(differing.length > 0
      ? differing.map((name) => row([name, ...all.map(({ settings }) => settings[name] ?? '')], false))
      : [row(['no difference', ...all.map(() => '')], false)]),
  );
}
