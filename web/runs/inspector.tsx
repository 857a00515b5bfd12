import { createQuery } from '@urql/solid';
import X from 'lucide-solid/icons/x';
import { createEffect, For, on, Show, type JSX } from 'solid-js';
import { graphql } from '../generated';
import { useViewer } from '../auth/session';
import type { InspectedRunFieldsFragment, RunStatus } from '../generated/graphql';
import { sayError } from '../graphql/failure-words';
import { t } from '../i18n';
import { agentWords } from '../agents/words';
import { inspectorWords } from './words';
import { formatMoment, formatNumber, formatPercent, formatSeconds } from '../i18n/format';
import { IconButton } from '../ui/button';
import { EmptyState, Notice } from '../ui/notice';
import { answererOf, isOwn } from '../store/message-fragments';
import { between, contextUsed, isActive, tokensWritten } from '../store/run';

const InspectedRun = graphql(`
  query InspectedRun($id: ID!) {
    node(id: $id) {
      ...InspectedRunFields
    }
  }

  fragment InspectedRunFields on Run {
    ...RunFields
    omittedMessageCount
    agent {
      id
      name
    }
    message {
      id
      author {
        id
        name
      }
    }
    contexts {
      type
      version
      content
    }
    history {
      id
      role
      content
      editedContent
      createdAt
      author {
        id
        name
      }
      agent {
        id
        name
      }
    }
  }
`);

/** What the AI saw: everything that one answer was made from. */
export default function Inspector(props: { runId: string | null; status: RunStatus | null; onClose: () => void }) {
  const [result, ask] = createQuery({
    query: InspectedRun,
    variables: () => ({ id: props.runId ?? '' }),
    pause: () => !props.runId,
    requestPolicy: 'cache-and-network',
  });
  // A run's request is there when it has begun, and its cost when it has ended.
  createEffect(
    on(
      () => props.status,
      (status) => status && ask({ requestPolicy: 'network-only' }),
      { defer: true },
    ),
  );
  const run = () => {
    const node = result.data?.node;
    return props.runId && node && 'status' in node ? (node as InspectedRunFieldsFragment) : null;
  };

  return (
    <aside
      aria-label={inspectorWords().title}
      class="flex h-full w-84 shrink-0 flex-col border-l border-line bg-panel max-lg:fixed max-lg:inset-y-0 max-lg:right-0 max-lg:z-40 max-lg:w-[min(24rem,100vw)] max-lg:shadow-lift"
    >
      <div class="flex h-12 shrink-0 items-center border-b border-line pr-2 pl-4">
        <h2 class="flex-1 font-semibold">{inspectorWords().title}</h2>
        <IconButton label={t().common.close} onClick={() => props.onClose()}>
          <X size={16} aria-hidden="true" />
        </IconButton>
      </div>
      <div class="min-h-0 flex-1 overflow-y-auto px-4 py-4">
        <Show when={result.error}>{(error) => <Notice tone="danger">{sayError(error())}</Notice>}</Show>
        <Show
          when={run()}
          fallback={
            <Show when={!props.runId}>
              <EmptyState title={inspectorWords().none} />
            </Show>
          }
        >
          {(found) => <RunDetails run={found()} />}
        </Show>
      </div>
    </aside>
  );
}

function RunDetails(props: { run: InspectedRunFieldsFragment }) {
  const answererName = () => props.run.agent?.name ?? props.run.message?.author?.name ?? '';
  const used = () => contextUsed(props.run);
  const written = () => {
    const tokens = tokensWritten(props.run);
    return tokens === null ? null : formatNumber(tokens);
  };
  return (
    <div class="flex flex-col gap-6">
      <Facts>
        <Fact label={inspectorWords().agent} value={answererName()} />
        <Fact
          label={inspectorWords().model}
          value={props.run.model || inspectorWords().notTold}
          isMono={props.run.model !== ''}
        />
        <Fact label={inspectorWords().provider} value={agentWords().providers[props.run.provider]} />
        <Fact label={inspectorWords().status} value={inspectorWords().statuses[props.run.status]} />
        <Fact
          label={inspectorWords().stopReason}
          value={props.run.stopReason && inspectorWords().stopReasons[props.run.stopReason]}
        />
      </Facts>
      <Facts>
        <Fact label={inspectorWords().queued} value={formatMoment(props.run.createdAt)} isMono />
        <Fact
          label={inspectorWords().firstToken}
          value={time(between(props.run.startedAt, props.run.firstTokenAt))}
          isMono
        />
        <Fact
          label={inspectorWords().duration}
          value={isActive(props.run) ? null : time(between(props.run.startedAt, props.run.endedAt))}
          isMono
        />
      </Facts>
      <Show when={props.run.usage}>
        {(usage) => (
          <Section title={inspectorWords().tokens}>
            <Facts>
              <Fact label={inspectorWords().input} value={formatNumber(usage().inputTokens)} isMono />
              <Fact label={inspectorWords().cacheRead} value={formatNumber(usage().cacheReadTokens)} isMono />
              <Fact label={inspectorWords().cacheWrite} value={formatNumber(usage().cacheWriteTokens)} isMono />
              <Fact label={inspectorWords().output} value={written() ?? '—'} isMono />
              <Fact
                label={inspectorWords().contextUsed}
                value={used()?.share == null ? null : formatPercent(used()?.share ?? 0)}
                isMono
              />
            </Facts>
          </Section>
        )}
      </Show>
      <Show
        when={props.run.provider !== 'EXTERNAL'}
        fallback={<p class="text-small text-ink-faint">{inspectorWords().unknownReading}</p>}
      >
        <SentToModel run={props.run} />
      </Show>
    </div>
  );
}

function SentToModel(props: { run: InspectedRunFieldsFragment }) {
  const viewer = useViewer();
  const nameOf = (message: InspectedRunFieldsFragment['history'][number]) =>
    isOwn(message, viewer().person.id) ? t().common.you : answererOf(message)?.name;
  return (
    <>
      <Section title={inspectorWords().contexts}>
        <For
          each={props.run.contexts}
          fallback={<p class="text-small text-ink-faint">{inspectorWords().noContexts}</p>}
        >
          {(context) => (
            <Disclosure
              title={context.type === 'PRIMARY' ? inspectorWords().primary : inspectorWords().personal}
              aside={inspectorWords().version(context.version)}
            >
              {context.content}
            </Disclosure>
          )}
        </For>
      </Section>
      <Section title={inspectorWords().history} aside={inspectorWords().sent(props.run.history.length)}>
        <Show when={props.run.omittedMessageCount > 0}>
          <p class="text-small text-warning">{inspectorWords().omitted(props.run.omittedMessageCount)}</p>
        </Show>
        <For each={props.run.history}>
          {(message) => (
            <Disclosure title={(message.editedContent ?? message.content).slice(0, 120)} aside={nameOf(message)}>
              {message.editedContent ?? message.content}
            </Disclosure>
          )}
        </For>
      </Section>
    </>
  );
}

function time(ms: number | null): string | null {
  return ms === null ? null : formatSeconds(ms);
}

function Section(props: { title: string; aside?: string; children: JSX.Element }) {
  return (
    <section class="flex flex-col gap-2">
      <h3 class="flex justify-between text-small font-semibold text-ink-soft">
        {props.title}
        <span class="font-normal text-ink-faint">{props.aside}</span>
      </h3>
      {props.children}
    </section>
  );
}

function Facts(props: { children: JSX.Element }) {
  return <dl class="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 text-small">{props.children}</dl>;
}

function Fact(props: { label: string; value: string | null | undefined; isMono?: boolean }) {
  return (
    <Show when={props.value}>
      <dt class="text-ink-faint">{props.label}</dt>
      <dd class="text-right break-words" classList={{ 'font-mono text-tiny leading-5!': !!props.isMono }}>
        {props.value}
      </dd>
    </Show>
  );
}

function Disclosure(props: { title: string; aside: string | undefined; children: JSX.Element }) {
  return (
    <details class="group rounded-md border border-line bg-ground">
      <summary class="flex cursor-pointer list-none items-baseline gap-3 rounded-md px-3 py-1.5 text-small touch:min-h-10 touch:items-center hover:bg-hover">
        <span class="min-w-0 flex-1 truncate">{props.title}</span>
        <span class="shrink-0 font-mono text-tiny text-ink-faint">{props.aside}</span>
      </summary>
      <p
        class="max-h-80 overflow-y-auto border-t border-line px-3 py-2 font-mono text-tiny leading-5 break-words whitespace-pre-wrap text-ink-soft"
        tabindex="0"
      >
        {props.children}
      </p>
    </details>
  );
}
