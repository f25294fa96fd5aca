/** The element with an id; with a tag, of that kind. */
export function byId(id: string): HTMLElement;
export function byId<K extends keyof HTMLElementTagNameMap>(id: string, tag: K): HTMLElementTagNameMap[K];
export function byId(id: string, tag?: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null || (tag !== undefined && found.localName !== tag)) throw new Error(`the page has no ${tag} ${id}`);
  return found;
}

/** Makes an element with a text: texts of a run reach the page by `textContent` alone. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  text = '',
  className = '',
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (text !== '') element.textContent = text;
  if (className !== '') element.className = className;
  return element;
}

/** The value of a colour or another variable of the style sheet. */
export function variable(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Shows a symbol as something that can be seen. */
export function seen(symbol: string): string {
  return { '\n': '↵', ' ': '␣', '\t': '⇥', '\r': '␍' }[symbol] ?? symbol;
}

/** A number in a few digits. */
export function short(x: number): string {
  if (!Number.isFinite(x)) return '–';
  if (x === 0) return '0';
  const size = Math.abs(x);
  if (size >= 10_000) return Math.round(x).toLocaleString('en');
  return size < 0.001 ? x.toExponential(1) : String(Number(x.toPrecision(3)));
}

/** The width for a chart, in pixels. */
export function widthOf(host: HTMLElement): number {
  return Math.max(100, host.clientWidth);
}

/** The width of an upright axis with these labels, in pixels. */
export function axisWidth(labels: readonly string[] | null): number {
  return Math.max(54, 22 + 7 * Math.max(0, ...(labels ?? []).map(({ length }) => length)));
}
