import type { RouteSectionProps } from '@solidjs/router';
import { returnPath } from '../chats/return-path';
import { t } from '../i18n';
import { adminWords } from './words';
import { Page, PageTab } from '../ui/page';

export default function AdminPage(props: RouteSectionProps) {
  return (
    <Page
      title={adminWords().title}
      back={{ href: returnPath(), label: t().app.backToChats }}
      nav={
        <nav aria-label={adminWords().title} class="flex gap-4">
          <PageTab href="/admin/context">{adminWords().context}</PageTab>
          <PageTab href="/admin/agents">{adminWords().agents}</PageTab>
        </nav>
      }
    >
      {props.children}
    </Page>
  );
}
