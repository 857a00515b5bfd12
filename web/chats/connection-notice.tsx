import { Match, Switch } from 'solid-js';

import { useFeed } from '../feed/create-feed';
import { t } from '../i18n';
import { failureWords } from '../graphql/words';
import { Button } from '../ui/button';
import { createOnline } from '../browser/create-online';
import { Notice } from '../ui/notice';

/** Says where one would write that what is written cannot go out just now. */
export function ConnectionNotice() {
  const { connection } = useFeed();
  const isOnline = createOnline();
  return (
    <Switch>
      <Match when={!isOnline()}>
        <Notice tone="warning">{failureWords().offline}</Notice>
      </Match>
      <Match when={connection() === 'waiting'}>
        <Notice tone="warning">{failureWords().reconnecting}</Notice>
      </Match>
      <Match when={connection() === 'refused'}>
        <ReloadNotice tone="danger">{failureWords().refused}</ReloadNotice>
      </Match>
      <Match when={connection() === 'tooMany'}>
        <ReloadNotice tone="warning">{failureWords().tooManyTabs}</ReloadNotice>
      </Match>
    </Switch>
  );
}

function ReloadNotice(props: { tone: 'danger' | 'warning'; children: string }) {
  return (
    <Notice
      tone={props.tone}
      actions={
        <Button isSmall onClick={() => location.reload()}>
          {t().common.reload}
        </Button>
      }
    >
      {props.children}
    </Notice>
  );
}
