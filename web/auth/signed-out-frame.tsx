import type { JSX } from 'solid-js';
import { chooseLanguage, language, t } from '../i18n';
import { authWords } from './words';
import { Button } from '../ui/button';

/** The frame of the pages before one is in. */
export function SignedOutFrame(props: { title: string; hint?: string | undefined; children: JSX.Element }) {
  return (
    <main class="flex h-full flex-col items-center overflow-y-auto px-5 py-10">
      <div class="my-auto w-full max-w-84">
        <p class="mb-10 flex items-center gap-2 font-mono text-base font-medium">
          <span class="text-accent" aria-hidden="true">
            ❯
          </span>
          {t().app.name}
        </p>
        <h1 class="text-title font-semibold tracking-tight">{props.title}</h1>
        <p class="mt-1 mb-7 text-ink-soft">{props.hint ?? authWords().tagline}</p>
        {props.children}
      </div>
      <Button look="quiet" isSmall class="mt-8" onClick={() => chooseLanguage(language() === 'en' ? 'ru' : 'en')}>
        {language() === 'en' ? t().app.languages.RU : t().app.languages.EN}
      </Button>
    </main>
  );
}
