import type { RouteSectionProps } from '@solidjs/router';
import type { JSX } from 'solid-js';
import { returnPath } from '../chats/return-path';
import { t } from '../i18n';
import { adminWords, serviceAgentWords } from './words';
import { Page, PageTab } from '../ui/page';

export default function AdminPage(props: RouteSectionProps) {
  return <AdminFrame>{props.children}</AdminFrame>;
}

/** `panel`: what stands beside the page, of those that have something to show there. */
export function AdminFrame(props: { panel?: JSX.Element; children: JSX.Element }) {
  return (
    <Page
      title={adminWords().title}
      back={{ href: returnPath(), label: t().app.backToChats }}
      nav={
        <nav aria-label={adminWords().title} class="flex gap-4">
          <PageTab href="/admin/context">{adminWords().context}</PageTab>
          <PageTab href="/admin/agents">{adminWords().agents}</PageTab>
          <PageTab href="/admin/service-agents">{serviceAgentWords().title}</PageTab>
          <PageTab href="/admin/audit">{adminWords().audit}</PageTab>
        </nav>
      }
      panel={props.panel}
    >
      {props.children}
    </Page>
  );
}
