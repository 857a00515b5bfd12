import { Key } from '@solid-primitives/keyed';
import { createQuery } from '@urql/solid';
import { createSignal, For, Show } from 'solid-js';
import { graphql } from '../generated';
import { sayError } from '../graphql/failure-words';
import { t } from '../i18n';
import { formatMoment } from '../i18n/format';
import { Button } from '../ui/button';
import { CopyButton } from '../ui/copy-button';
import { ConfirmDialog } from '../ui/dialog';
import { inputShape } from '../ui/field';
import { EmptyState, Notice } from '../ui/notice';
import { Page, PageSection } from '../ui/page';
import { createTokenActions, type Token } from './create-token-actions';
import { TokenDialog } from './token-dialog';
import { settingsWords } from './words';

const Tokens = graphql(`
  query Tokens {
    apiTokens {
      ...TokenFields
    }
  }
`);

export default function TokensPage() {
  // An empty list holds no row by which the cache would know what it is a list of.
  const [result] = createQuery({ query: Tokens, context: { additionalTypenames: ['ApiToken'] } });
  const [isMaking, setMaking] = createSignal(false);
  const [made, setMade] = createSignal<{ token: Token; secret: string } | null>(null);
  const [revoking, setRevoking] = createSignal<Token | null>(null);
  const actions = createTokenActions();

  async function revoke(token: Token) {
    setRevoking(null);
    if (made()?.token.id === token.id) setMade(null);
    await actions.revoke(token);
  }

  return (
    <Page title={settingsWords().tokens} back={{ href: '/settings', label: settingsWords().backToSettings }}>
      <PageSection
        title={settingsWords().tokens}
        hint={settingsWords().tokensHint}
        actions={
          <Button look="primary" onClick={() => setMaking(true)}>
            {settingsWords().newToken}
          </Button>
        }
      >
        <p class="-mt-4 text-small">
          <a
            href="/docs"
            target="_blank"
            class="inline-flex items-center text-accent underline underline-offset-3 touch:min-h-10"
          >
            {settingsWords().readDocs}
          </a>
        </p>
        <Show when={made()}>{(shown) => <NewSecret name={shown().token.name} secret={shown().secret} />}</Show>
        <Show when={result.error}>{(error) => <Notice tone="danger">{sayError(error())}</Notice>}</Show>
        <Show when={!result.error && result.data?.apiTokens.length === 0}>
          <EmptyState title={settingsWords().noTokens} />
        </Show>
        <ul aria-label={settingsWords().tokens} class="flex flex-col rounded-lg border border-line empty:hidden">
          <Key each={result.data?.apiTokens ?? []} by="id">
            {(token) => <TokenRow token={token()} onRevoke={() => setRevoking(token())} />}
          </Key>
        </ul>
      </PageSection>
      <Show when={isMaking()}>
        <TokenDialog onMade={(token, secret) => setMade({ token, secret })} onClose={() => setMaking(false)} />
      </Show>
      <Show when={revoking()}>
        {(token) => (
          <ConfirmDialog
            isOpen
            title={settingsWords().revokeTokenOf(token().name)}
            hint={settingsWords().revokeTokenHint}
            answer={settingsWords().revokeToken}
            cancel={t().common.cancel}
            closeLabel={t().common.close}
            isDangerous
            onAnswer={() => void revoke(token())}
            onClose={() => setRevoking(null)}
          />
        )}
      </Show>
    </Page>
  );
}

/** Shown until one leaves the page: the server stores only a hash of it. */
function NewSecret(props: { name: string; secret: string }) {
  return (
    <Notice tone="warning">
      <p class="mb-2">{settingsWords().copyNow(props.name)}</p>
      <div class="flex items-center gap-1">
        <input
          class={`${inputShape} h-9 min-w-0 flex-1 font-mono text-small!`}
          aria-label={settingsWords().secret}
          readonly
          value={props.secret}
          onFocus={(event) => event.currentTarget.select()}
        />
        <CopyButton label={settingsWords().copySecret} doneLabel={t().common.copied} text={() => props.secret} />
      </div>
    </Notice>
  );
}

function TokenRow(props: { token: Token; onRevoke: () => void }) {
  const isExpired = () => props.token.expiresAt !== null && new Date(props.token.expiresAt) <= new Date();
  const expiry = () => {
    const at = props.token.expiresAt;
    if (at === null) return settingsWords().neverExpires;
    return isExpired() ? settingsWords().expiredAt(formatMoment(at)) : settingsWords().expiresAt(formatMoment(at));
  };
  const use = () => {
    const { lastUsedAt, lastUsedAddress } = props.token;
    return lastUsedAt === null
      ? settingsWords().neverUsed
      : settingsWords().usedAt(formatMoment(lastUsedAt), lastUsedAddress ?? '');
  };

  return (
    <li class="flex flex-wrap items-start gap-x-4 gap-y-2 border-t border-line px-4 py-3 first:border-0">
      <div class="min-w-0 flex-1 basis-64">
        <p class="flex flex-wrap items-baseline gap-x-2">
          <span class="font-medium break-words">{props.token.name}</span>
          <span class="font-mono text-tiny text-ink-faint">{props.token.prefix}…</span>
        </p>
        <p class="my-1 flex flex-wrap gap-1">
          <For each={props.token.scopes}>
            {(scope) => (
              <span class="rounded border border-line px-1.5 text-tiny text-ink-soft">
                {settingsWords().scopes[scope].name}
              </span>
            )}
          </For>
        </p>
        <p class="text-small text-ink-faint">
          <span classList={{ 'text-warning': isExpired() }}>{expiry()}</span> · {use()}
        </p>
        <Show when={props.token.chatIds}>
          {(ids) => <p class="text-small text-ink-faint">{settingsWords().boundToChats(ids().length)}</p>}
        </Show>
        <Show when={props.token.documentIds}>
          {(ids) => <p class="text-small text-ink-faint">{settingsWords().boundToDocuments(ids().length)}</p>}
        </Show>
      </div>
      <Button isSmall aria-label={settingsWords().revokeTokenOf(props.token.name)} onClick={() => props.onRevoke()}>
        {settingsWords().revokeToken}
      </Button>
    </li>
  );
}
