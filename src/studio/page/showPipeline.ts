import type { Pipeline } from '../messages.js';
import { byId } from './dom.js';

/** Pixels: left of the lines, between two marbles, between two lines, radius. */
const [LEFT, STEP, ROW, RADIUS] = [190, 30, 46, 7];

/** Draws the pipeline as marbles: a line per operator, and a line for the items that credits hold. */
export function showPipeline({ lanes, credits, waiting }: Pipeline): void {
  byId('pipeline').hidden = lanes.length + credits.length === 0;
  byId('waiting').textContent = waiting;
  const last = Math.max(20, ...lanes.flatMap(({ marbles }) => marbles.map(({ at }) => at)));
  const width = LEFT + (last + 2) * STEP + 60;
  const svg = draw('svg', {
    width,
    height: (lanes.length + credits.length) * ROW + 10,
    role: 'img',
    'aria-label': describe(lanes),
  });
  const order = lanes
    .flatMap(({ marbles }, row) => marbles.map(({ at }) => ({ at, row })))
    .toSorted((a, b) => a.at - b.at);
  const x = (at: number): number => LEFT + (at + 1) * STEP;
  const y = (row: number): number => row * ROW + 18;
  for (const [i, { at, row }] of order.entries()) {
    const next = order[i + 1];
    if (next) svg.append(draw('line', { class: 'flow', x1: x(at), y1: y(row), x2: x(next.at), y2: y(next.row) }));
  }
  for (const [row, { title, count, marbles, ended }] of lanes.entries()) {
    svg.append(
      draw('line', { x1: LEFT, y1: y(row), x2: width - 20, y2: y(row) }),
      draw('text', { class: 'name', x: 0, y: y(row) }, title),
      draw('text', { class: 'soft', x: 0, y: y(row) + 15 }, `${count.toLocaleString('en')} so far`),
    );
    if (ended) svg.append(draw('line', { x1: width - 20, y1: y(row) - 9, x2: width - 20, y2: y(row) + 9 }));
    for (const { at, text } of marbles) {
      const circle = draw('circle', { cx: x(at), cy: y(row), r: RADIUS });
      circle.append(draw('title', {}, text));
      svg.append(circle, draw('text', { class: 'soft', x: x(at), y: y(row) + 21, 'text-anchor': 'middle' }, text));
    }
  }
  for (const [i, { title, held, peak }] of credits.entries()) {
    const row = lanes.length + i;
    svg.append(
      draw('text', { class: 'name', x: 0, y: y(row) }, title),
      draw('text', { class: 'soft', x: 0, y: y(row) + 15 }, `${held} in flight, at most ${peak}`),
    );
    for (let k = 0; k < Math.min(held, 60); k++)
      svg.append(draw('circle', { class: 'held', cx: x(k * 0.6), cy: y(row), r: RADIUS }));
  }
  byId('marbles').replaceChildren(svg);
}

function describe(lanes: Pipeline['lanes']): string {
  return `Marbles: ${lanes.map(({ title, count }) => `${title} ${count}`).join(', ')}`;
}

function draw(tag: string, attributes: Readonly<Record<string, string | number>>, text = ''): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  if (text !== '') element.textContent = text;
  return element;
}
