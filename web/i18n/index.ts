import { createRoot, createEffect, createSignal } from 'solid-js';
import { recall, remember } from '../browser/device-memory';
import { en, type Dictionary } from './en';
import type { Language } from './plural';
import { ru } from './ru';

export type { Dictionary, Language };

const dictionaries: Record<Language, Dictionary> = { en, ru };
const remembered = 'confab.language';

const [language, setLanguage] = createSignal<Language>(rememberedLanguage() ?? preferredLanguage());

export { language };

/** The words of the language chosen now. Called where they are shown, so that they change with it. */
export const t = (): Dictionary => dictionaries[language()];

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
