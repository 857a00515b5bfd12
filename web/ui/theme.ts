import { remember } from '../browser/device-memory';

export type ThemeChoice = 'SYSTEM' | 'DARK' | 'LIGHT';

/** Remembered where theme.js finds it before the next first paint. */
const remembered = 'confab.theme';

export function chooseTheme(choice: ThemeChoice): void {
  const theme = choice.toLowerCase();
  remember(remembered, theme);
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}
