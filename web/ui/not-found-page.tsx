import { A } from '@solidjs/router';
import { t } from '../i18n';
import { EmptyState } from './notice';

export function NotFoundPage() {
  return (
    <main class="grid h-full place-items-center">
      <EmptyState
        isPage
        title={t().app.notFound}
        hint={t().app.notFoundHint}
        icon={<span class="font-mono text-title">404</span>}
      >
        <A href="/chat" class="mt-3 inline-flex items-center text-accent underline touch:min-h-10 underline-offset-4">
          {t().app.toChats}
        </A>
      </EmptyState>
    </main>
  );
}
