import { PersonalContext } from '../contexts/personal-context';
import { t } from '../i18n';
import { Page, PageSection } from '../ui/page';
import { AppearanceForm } from './appearance-form';
import { NameForm } from './name-form';
import { PasswordForm } from './password-form';
import { SessionList } from './session-list';

export default function SettingsPage() {
  return (
    <Page title={t().settings.title} back={{ href: '/chat', label: t().settings.back }}>
      <PageSection title={t().settings.profile}>
        <NameForm />
      </PageSection>
      <PageSection title={t().settings.appearance}>
        <AppearanceForm />
      </PageSection>
      <PageSection title={t().contexts.personalTitle} hint={t().contexts.personalHint}>
        <PersonalContext />
      </PageSection>
      <PageSection title={t().settings.password}>
        <PasswordForm />
      </PageSection>
      <PageSection title={t().settings.sessions} hint={t().settings.sessionsHint}>
        <SessionList />
      </PageSection>
    </Page>
  );
}
