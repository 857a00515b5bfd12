import type { RouteSectionProps } from '@solidjs/router';
import { t } from '../i18n';
import { Page, PageTab } from '../ui/page';

export default function AdminPage(props: RouteSectionProps) {
  return (
    <Page
      title={t().admin.title}
      back={{ href: '/chat', label: t().settings.back }}
      nav={
        <nav aria-label={t().admin.title} class="flex gap-4">
          <PageTab href="/admin/context">{t().admin.context}</PageTab>
          <PageTab href="/admin/agents">{t().admin.agents}</PageTab>
        </nav>
      }
    >
      {props.children}
    </Page>
  );
}
