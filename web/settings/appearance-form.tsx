import { useClient } from '@urql/solid';
import { useViewer } from '../auth/session';
import { graphql } from '../generated';
import type { Locale, Theme } from '../generated/graphql';
import { perform } from '../graphql/perform';
import { chooseLanguage, language, t } from '../i18n';
import { settingsWords } from './words';
import { Choice } from '../ui/choice';
import { chooseTheme } from '../ui/theme';
import { toast } from '../ui/toasts';

const UpdatePreferences = graphql(`
  mutation UpdatePreferences($input: UpdatePreferencesInput!) {
    updatePreferences(input: $input) {
      __typename
      ... on UpdatePreferencesPayload {
        user {
          ...ViewerFields
        }
      }
      ...FailureFields
    }
  }
`);

/** Both take effect at once, here and, being kept with the account, wherever one signs in. */
export function AppearanceForm() {
  const client = useClient();
  const viewer = useViewer();

  async function keep(input: { locale?: Locale; theme?: Theme }) {
    const done = await perform(client, UpdatePreferences, { input }, { additionalTypenames: ['User'] });
    if (!done.payload) toast(done.words);
  }

  function changeLanguage(locale: Locale) {
    chooseLanguage(locale === 'RU' ? 'ru' : 'en');
    void keep({ locale });
  }

  function changeTheme(theme: Theme) {
    chooseTheme(theme);
    void keep({ theme });
  }

  return (
    <div class="flex max-w-md flex-col gap-5">
      <Choice
        label={settingsWords().theme}
        value={viewer().theme}
        onChoose={changeTheme}
        options={(['SYSTEM', 'DARK', 'LIGHT'] as const).map((value) => ({
          value,
          label: settingsWords().themes[value],
        }))}
      />
      <Choice
        label={settingsWords().language}
        value={language() === 'ru' ? 'RU' : 'EN'}
        onChoose={changeLanguage}
        options={(['EN', 'RU'] as const).map((value) => ({ value, label: t().app.languages[value] }))}
      />
    </div>
  );
}
