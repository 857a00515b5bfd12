import { createQuery } from '@urql/solid';
import { createSignal, For, Show } from 'solid-js';
import { useViewer } from '../auth/session';
import { graphql } from '../generated';
import type { ApiScope } from '../generated/graphql';
import { bypassCache } from '../graphql/document-cache';
import { sayError, sayIssue } from '../graphql/failure-words';
import { t } from '../i18n';
import { Button } from '../ui/button';
import { Choice } from '../ui/choice';
import { createSubmission, fieldOf } from '../ui/create-submission';
import { Dialog } from '../ui/dialog';
import { SelectField, TextField } from '../ui/field';
import { Notice } from '../ui/notice';
import { createTokenActions, type ServiceAgentName, type Token } from './create-token-actions';
import { tokenWords } from './words';

/** Without READ_USAGE, which no field needs yet. */
const SCOPES: readonly ApiScope[] = [
  'READ_CHATS',
  'WRITE_CHATS',
  'RUN_AGENTS',
  'MANAGE_ROOMS',
  'READ_CONTEXTS',
  'WRITE_CONTEXTS',
  'ACCOUNT',
];
const ADMINISTRATORS: readonly ApiScope[] = ['ADMIN_AGENTS', 'ADMIN_PEOPLE', 'ADMIN_AUDIT'];
/** Of a service agent: it takes part in rooms, and that is all. */
const OF_SERVICE_AGENTS: readonly ApiScope[] = ['READ_CHATS', 'WRITE_CHATS', 'RUN_AGENTS', 'MANAGE_ROOMS', 'ACCOUNT'];
/** What it needs to read the feed and to answer. */
const CHOSEN_FOR_SERVICE_AGENTS: ReadonlySet<ApiScope> = new Set(['READ_CHATS', 'WRITE_CHATS']);
const DAYS = [7, 30, 90, 365];
const DAY_MS = 86_400_000;

const ChatsForToken = graphql(`
  query ChatsForToken($kind: ChatKind, $withPersonId: ID) {
    chats(first: 100, kind: $kind, withPersonId: $withPersonId) {
      nodes {
        id
        title
      }
    }
  }
`);

interface TokenDialogProps {
  /** Null: it is the viewer's own. */
  serviceAgent: ServiceAgentName | null;
  onMade: (token: Token, secret: string) => void;
  onClose: () => void;
}

/** Makes a token. Its secret is handed on, to be shown behind the dialog. */
export function TokenDialog(props: TokenDialogProps) {
  const viewer = useViewer();
  const actions = createTokenActions();
  const scopes = () => (props.serviceAgent ? OF_SERVICE_AGENTS : ofPerson());
  const ofPerson = () => (viewer().role === 'ADMIN' ? [...SCOPES, ...ADMINISTRATORS] : SCOPES);
  const [reach, setReach] = createSignal<'ALL' | 'SOME'>('ALL');
  const [issues, setIssues] = createSignal<ReadonlyMap<string, string>>(new Map());

  const { isPending, problem, submit } = createSubmission(async (form) => {
    setIssues(new Map());
    const data = new FormData(form);
    const done = await actions.create({
      name: fieldOf(form, 'name').trim(),
      scopes: data.getAll('scope') as ApiScope[],
      expiresAt: new Date(Date.now() + Number(fieldOf(form, 'days')) * DAY_MS).toISOString(),
      ...(props.serviceAgent && { serviceAgentId: props.serviceAgent.id }),
      ...(reach() === 'SOME' && { chatIds: data.getAll('chat') as string[] }),
    });
    if (done.payload) {
      props.onMade(done.payload.token, done.payload.secret);
      return props.onClose();
    }
    if (done.failure?.__typename !== 'InvalidInputError') throw new Error(done.words);
    const byField = new Map(done.failure.issues.map((issue) => [issue.path.at(-1) ?? '', sayIssue(issue)]));
    setIssues(byField);
    if (!['name', 'scopes', 'chatIds', 'expiresAt'].some((field) => byField.has(field))) throw new Error(done.words);
  });

  return (
    <Dialog
      isOpen
      keepsInput
      onClose={props.onClose}
      title={props.serviceAgent ? tokenWords().newTokenOf(props.serviceAgent.name) : tokenWords().newToken}
      closeLabel={t().common.close}
      class="top-[6vh]! max-h-[88dvh]!"
    >
      <form class="flex flex-col gap-4 overflow-y-auto px-5 pt-1 pb-4" onSubmit={submit}>
        <div class="grid grid-cols-2 gap-4 max-sm:grid-cols-1">
          <TextField
            label={tokenWords().tokenName}
            hint={tokenWords().tokenNameHint}
            name="name"
            maxlength="80"
            problem={issues().get('name')}
            required
          />
          <SelectField label={tokenWords().tokenDays} name="days" problem={issues().get('expiresAt')}>
            <For each={DAYS}>
              {(count) => (
                <option value={count} selected={count === 90}>
                  {tokenWords().days(count)}
                </option>
              )}
            </For>
          </SelectField>
        </div>
        <fieldset class="flex flex-col gap-1">
          <legend class="mb-1.5 text-small font-medium text-ink-soft">{tokenWords().tokenScopes}</legend>
          <For each={scopes()}>
            {(scope) => (
              <CheckBox
                name="scope"
                value={scope}
                label={tokenWords().scopes[scope].name}
                hint={tokenWords().scopes[scope].hint}
                isChecked={!!props.serviceAgent && CHOSEN_FOR_SERVICE_AGENTS.has(scope)}
              />
            )}
          </For>
          <Show when={issues().has('scopes')}>
            <p class="text-small text-danger">{tokenWords().noScope}</p>
          </Show>
        </fieldset>
        <Choice
          label={props.serviceAgent ? tokenWords().tokenRooms : tokenWords().tokenChats}
          value={reach()}
          onChoose={setReach}
          options={[
            { value: 'ALL', label: props.serviceAgent ? tokenWords().allRooms : tokenWords().allChats },
            { value: 'SOME', label: tokenWords().someChats },
          ]}
        />
        <Show when={reach() === 'SOME'}>
          <ChatList serviceAgent={props.serviceAgent} isChoiceMissing={issues().has('chatIds')} />
        </Show>
        <Show when={problem()}>{(text) => <Notice tone="danger">{text()}</Notice>}</Show>
        <div class="flex justify-end gap-2">
          <Button onClick={() => props.onClose()}>{t().common.cancel}</Button>
          <Button type="submit" look="primary" disabled={isPending()}>
            {tokenWords().makeToken}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface ChatListProps {
  serviceAgent: ServiceAgentName | null;
  isChoiceMissing: boolean;
}

/** The viewer's chats; of a service agent's rooms those that the viewer is in too, since no one else's are theirs to see. */
function ChatList(props: ChatListProps) {
  const [result] = createQuery({
    query: ChatsForToken,
    variables: () => (props.serviceAgent ? { kind: 'ROOM' as const, withPersonId: props.serviceAgent.id } : {}),
    context: bypassCache,
  });
  const chats = () => result.data?.chats.nodes ?? [];
  const note = () => {
    if (result.error) return sayError(result.error);
    if (props.serviceAgent) return tokenWords().roomsHint(props.serviceAgent.name, chats().length > 0);
    return chats().length === 0 ? tokenWords().noChats : null;
  };
  return (
    <div class="flex flex-col gap-1.5">
      <fieldset
        class="flex max-h-56 shrink-0 flex-col overflow-y-auto rounded-md border border-line px-3 py-1"
        classList={{ hidden: chats().length === 0 }}
      >
        <legend class="sr-only">{tokenWords().someChats}</legend>
        <For each={chats()}>
          {(chat) => <CheckBox name="chat" value={chat.id} label={chat.title ?? tokenWords().untitled} />}
        </For>
      </fieldset>
      <Show when={props.isChoiceMissing && chats().length > 0}>
        <p class="text-small text-danger">
          {props.serviceAgent ? tokenWords().noRoomChosen : tokenWords().noChatChosen}
        </p>
      </Show>
      <Show when={!result.fetching && note()}>{(words) => <p class="text-small text-ink-faint">{words()}</p>}</Show>
    </div>
  );
}

function CheckBox(props: { name: string; value: string; label: string; hint?: string; isChecked?: boolean }) {
  return (
    <label class="flex min-h-9 cursor-pointer items-start gap-2.5 py-1 touch:min-h-11">
      <input
        type="checkbox"
        class="mt-0.5 size-4 shrink-0 accent-accent touch:size-5"
        name={props.name}
        value={props.value}
        checked={props.isChecked}
      />
      <span class="min-w-0">
        <span class="block truncate">{props.label}</span>
        <Show when={props.hint}>
          <span class="block text-small text-ink-faint">{props.hint}</span>
        </Show>
      </span>
    </label>
  );
}
