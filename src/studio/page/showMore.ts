import { make } from './dom.js';

/** Pixels of rounding, which are nothing to scroll to. */
const ROUNDING = 2;

/** Shows at the edges of what scrolls sideways that there is more: many screens have no scroll bars. */
export function showMore(scroll: HTMLElement): void {
  const frame = make('div', '', 'frame');
  scroll.replaceWith(frame);
  frame.append(scroll);
  function look(): void {
    const { scrollLeft, clientWidth, scrollWidth } = scroll;
    frame.classList.toggle('more-left', scrollLeft > ROUNDING);
    frame.classList.toggle('more-right', scrollLeft + clientWidth < scrollWidth - ROUNDING);
  }
  const sizes = new ResizeObserver(look); // when the layout is done: asking for widths before costs another
  function watchSizes(): void {
    sizes.disconnect();
    for (const element of [scroll, ...scroll.children]) sizes.observe(element);
  }
  new MutationObserver(watchSizes).observe(scroll, { childList: true });
  scroll.addEventListener('scroll', look, { passive: true });
  watchSizes();
}
