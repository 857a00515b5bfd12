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
import { createTokenActions, type ServiceAgentName, type Token } from './create-token-actions';
import { TokenDialog } from './token-dialog';
import { tokenWords } from './words';

const Tokens = graphql(`
  query Tokens($serviceAgentId: ID) {
    apiTokens(serviceAgentId: $serviceAgentId) {
      ...TokenFields
    }
  }
`);

/** The viewer's tokens, or those of a service agent. */
export function createTokens(serviceAgentId: () => string | null) {
  const [result] = createQuery({
    query: Tokens,
    variables: () => ({ serviceAgentId: serviceAgentId() }),
    // An empty list holds no row by which the cache would know what it is a list of.
    context: { additionalTypenames: ['ApiToken'] },
  });
  return result;
}

interface TokenListProps {
  label: string;
  /** Null: the tokens are the viewer's own. */
  serviceAgent: ServiceAgentName | null;
  /** What is said where there are none. */
  empty: string;
  isMaking: boolean;
  onMakingDone: () => void;
}

/** The tokens, the dialogs that make and revoke them, and the secret of the newest one. */
export function TokenList(props: TokenListProps) {
  const result = createTokens(() => props.serviceAgent?.id ?? null);
  const [made, setMade] = createSignal<{ token: Token; secret: string } | null>(null);
  const [revoking, setRevoking] = createSignal<Token | null>(null);
  const actions = createTokenActions();

  async function revoke(token: Token) {
    setRevoking(null);
    if (made()?.token.id === token.id) setMade(null);
    await actions.revoke(token);
  }

  return (
    <>
      <Show when={made()}>{(shown) => <NewSecret name={shown().token.name} secret={shown().secret} />}</Show>
      <Show when={result.error}>{(error) => <Notice tone="danger">{sayError(error())}</Notice>}</Show>
      <Show when={!result.error && result.data?.apiTokens.length === 0}>
        <EmptyState title={props.empty} />
      </Show>
      <ul aria-label={props.label} class="flex flex-col rounded-lg border border-line empty:hidden">
        <Key each={result.data?.apiTokens ?? []} by="id">
          {(token) => <TokenRow token={token()} onRevoke={() => setRevoking(token())} />}
        </Key>
      </ul>
      <Show when={props.isMaking}>
        <TokenDialog
          serviceAgent={props.serviceAgent}
          onMade={(token, secret) => setMade({ token, secret })}
          onClose={() => props.onMakingDone()}
        />
      </Show>
      <Show when={revoking()}>
        {(token) => (
          <ConfirmDialog
            isOpen
            title={tokenWords().revokeTokenOf(token().name)}
            hint={tokenWords().revokeTokenHint}
            answer={tokenWords().revokeToken}
            cancel={t().common.cancel}
            closeLabel={t().common.close}
            isDangerous
            onAnswer={() => void revoke(token())}
            onClose={() => setRevoking(null)}
          />
        )}
      </Show>
    </>
  );
}

/** Shown until one leaves the page: the server stores only a hash of it. */
function NewSecret(props: { name: string; secret: string }) {
  return (
    <Notice tone="warning">
      <p class="mb-2">{tokenWords().copyNow(props.name)}</p>
      <div class="flex items-center gap-1">
        <input
          class={`${inputShape} h-9 min-w-0 flex-1 font-mono text-small!`}
          aria-label={tokenWords().secret}
          readonly
          value={props.secret}
          onFocus={(event) => event.currentTarget.select()}
        />
        <CopyButton label={tokenWords().copySecret} doneLabel={t().common.copied} text={() => props.secret} />
      </div>
    </Notice>
  );
}

function TokenRow(props: { token: Token; onRevoke: () => void }) {
  const isExpired = () => props.token.expiresAt !== null && new Date(props.token.expiresAt) <= new Date();
  const expiry = () => {
    const at = props.token.expiresAt;
    if (at === null) return tokenWords().neverExpires;
    return isExpired() ? tokenWords().expiredAt(formatMoment(at)) : tokenWords().expiresAt(formatMoment(at));
  };
  const use = () => {
    const { lastUsedAt, lastUsedAddress } = props.token;
    return lastUsedAt === null
      ? tokenWords().neverUsed
      : tokenWords().usedAt(formatMoment(lastUsedAt), lastUsedAddress ?? '');
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
                {tokenWords().scopes[scope].name}
              </span>
            )}
          </For>
        </p>
        <p class="text-small text-ink-faint">
          <span classList={{ 'text-warning': isExpired() }}>{expiry()}</span> · {use()}
        </p>
        <Show when={props.token.chatIds}>
          {(ids) => (
            <p class="text-small break-words text-ink-faint">
              {tokenWords().boundToChats(
                props.token.chats.map(({ title }) => title ?? tokenWords().untitled),
                ids().length,
              )}
            </p>
          )}
        </Show>
        <Show when={props.token.documentIds}>
          {(ids) => <p class="text-small text-ink-faint">{tokenWords().boundToDocuments(ids().length)}</p>}
        </Show>
      </div>
      <Button isSmall aria-label={tokenWords().revokeTokenOf(props.token.name)} onClick={() => props.onRevoke()}>
        {tokenWords().revokeToken}
      </Button>
    </li>
  );
}
