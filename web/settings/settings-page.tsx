import { A } from '@solidjs/router';
import { returnPath } from '../chats/return-path';
import { PersonalContext } from '../contexts/personal-context';
import { t } from '../i18n';
import { contextWords } from '../contexts/words';
import { settingsWords } from './words';
import { Page, PageSection } from '../ui/page';
import { AppearanceForm } from './appearance-form';
import { HandleForm } from './handle-form';
import { NameForm } from './name-form';
import { NotificationForm } from './notification-form';
import { PasswordForm } from './password-form';
import { SessionList } from './session-list';

export default function SettingsPage() {
  return (
    <Page title={settingsWords().title} back={{ href: returnPath(), label: t().app.backToChats }}>
      <PageSection title={settingsWords().profile}>
        <NameForm />
        <HandleForm />
      </PageSection>
      <PageSection title={settingsWords().appearance}>
        <AppearanceForm />
      </PageSection>
      <PageSection title={settingsWords().notifications} hint={settingsWords().notificationsHint}>
        <NotificationForm />
      </PageSection>
      <PageSection title={contextWords().personalTitle} hint={contextWords().personalHint}>
        <PersonalContext />
      </PageSection>
      <PageSection title={settingsWords().password}>
        <PasswordForm />
      </PageSection>
      <PageSection title={settingsWords().sessions} hint={settingsWords().sessionsHint}>
        <SessionList />
      </PageSection>
      <PageSection title={settingsWords().tokens} hint={settingsWords().tokensHint}>
        <A
          href="/settings/tokens"
          class="inline-flex items-center touch:min-h-10 self-start text-accent hover:underline"
        >
          {settingsWords().manageTokens}
        </A>
      </PageSection>
    </Page>
  );
}
