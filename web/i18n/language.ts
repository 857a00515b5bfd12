import { createEffect, createRoot, createSignal } from 'solid-js';
import { recall, remember } from '../browser/device-memory';
import type { Language } from './plural';

const remembered = 'confab.language';

const [language, setLanguage] = createSignal<Language>(rememberedLanguage() ?? preferredLanguage());

export { language };

export function chooseLanguage(choice: Language): void {
  remember(remembered, choice);
  setLanguage(choice);
}

createRoot(() => createEffect(() => (document.documentElement.lang = language())));

function rememberedLanguage(): Language | null {
  const stored = recall(remembered);
  return stored === 'en' || stored === 'ru' ? stored : null;
}

function preferredLanguage(): Language {
  return navigator.language.toLowerCase().startsWith('ru') ? 'ru' : 'en';
}
