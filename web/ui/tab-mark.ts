/** What a tab shows of the page while one looks elsewhere: its title and its icon, with or without a mark. */
import { createRoot, createEffect, createSignal } from 'solid-js';

export type TabMark = 'running' | 'ready';

const [pageTitle, setPageTitle] = createSignal(typeof document === 'undefined' ? '' : document.title);
const [tabMark, setTabMark] = createSignal<TabMark | null>(null);
/** What waits for the reader; 0: nothing. */
const [tabCount, setTabCount] = createSignal(0);

export { setPageTitle, setTabCount, setTabMark };

const SIGNS: Record<TabMark, string> = { running: '●', ready: '✓' };

/** As web/public/favicon.svg has it, up to its end. */
export const iconDrawing =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#14181a"/><path d="M9 10l6 6-6 6" fill="none" stroke="#5fd3a5" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/><path d="M17 22h7" stroke="#5fd3a5" stroke-width="3" stroke-linecap="round"/>';

const BADGES: Record<TabMark, string> = {
  running: '<circle cx="24" cy="8" r="7.5" fill="#f2b544" stroke="#14181a" stroke-width="2"/>',
  ready:
    '<circle cx="24" cy="8" r="8" fill="#5fd3a5" stroke="#14181a" stroke-width="2"/><path d="M20.5 8.2l2.6 2.6 4.6-5" fill="none" stroke="#14181a" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/>',
};

const usualIcon = '/favicon.svg';

/** In the address itself, so that nothing is downloaded. */
function iconOf(mark: TabMark | null): string {
  if (!mark) return usualIcon;
  return `data:image/svg+xml,${encodeURIComponent(`${iconDrawing}${BADGES[mark]}</svg>`)}`;
}

createRoot(() => {
  createEffect(() => {
    const mark = tabMark();
    const count = tabCount() > 99 ? '99+' : tabCount();
    const parts = [count !== 0 && `(${count})`, mark && SIGNS[mark], pageTitle()];
    if (pageTitle()) document.title = parts.filter(Boolean).join(' ');
  });
  createEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    const address = iconOf(tabMark());
    if (link && link.getAttribute('href') !== address) link.setAttribute('href', address);
  });
});
