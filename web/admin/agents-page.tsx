import { Key } from '@solid-primitives/keyed';
import { createQuery } from '@urql/solid';
import { createEffect, createMemo, createSignal, on, Show } from 'solid-js';
import { sayAgentDescription } from '../agents/describe';
import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import type { AgentDetailsFragment, ProviderName } from '../generated/graphql';
import { sayError } from '../graphql/failure-words';
import { t } from '../i18n';
import { agentWords } from '../agents/words';
import { adminWords } from './words';
import { Button } from '../ui/button';
import { EmptyState, Notice } from '../ui/notice';
import { PageSection } from '../ui/page';
import { AgentDialog } from './agent-dialog';
import { createAgentActions } from './create-agent-actions';

const AgentsInDetail = graphql(`
  query AgentsInDetail {
    agents {
      ...AgentDetails
    }
  }

  fragment AgentDetails on Agent {
    ...AgentFields
    model
    modelSource
    contextWindow
    instructions
    maxOutputTokens
    effort
  }
`);

export type AgentInDetail = AgentDetailsFragment;

/** Whether no model would answer for an agent of that provider. Unknown where all of them are archived. */
function isNotSetUp(provider: ProviderName, agents: readonly AgentInDetail[]): boolean {
  const own = agents.filter((agent) => agent.provider === provider);
  if (provider === 'ECHO' || own.some((agent) => agent.isAvailable)) return false;
  return own.length === 0 || own.some((agent) => !agent.archivedAt);
}

export default function AgentsPage() {
  const feed = useFeed();
  // An empty list holds no row by which the cache would know what it is a list of.
  const [result, ask] = createQuery({ query: AgentsInDetail, context: { additionalTypenames: ['Agent'] } });
  // Another administrator may be at work.
  const version = createMemo(() => feed.state().agents.version);
  createEffect(on(version, (_now, before) => before && ask({ requestPolicy: 'network-only' })));
  const [open, setOpen] = createSignal<AgentInDetail | 'new' | null>(null);
  const agents = () =>
    result.data?.agents.toSorted((one, other) => Number(!!one.archivedAt) - Number(!!other.archivedAt)) ?? [];

  return (
    <PageSection
      title={adminWords().agents}
      hint={adminWords().agentsHint}
      actions={
        <Button look="primary" onClick={() => setOpen('new')}>
          {adminWords().newAgent}
        </Button>
      }
    >
      <Show when={result.error}>{(error) => <Notice tone="danger">{sayError(error())}</Notice>}</Show>
      <Show when={!result.error && result.data?.agents.length === 0}>
        <EmptyState title={adminWords().noAgents} />
      </Show>
      <ul class="flex flex-col rounded-lg border border-line empty:hidden">
        <Key each={agents()} by="id">
          {(agent) => <AgentRow agent={agent()} onEdit={() => setOpen(agent())} />}
        </Key>
      </ul>
      <Show when={open()} keyed>
        {(subject) => (
          <AgentDialog
            agent={subject === 'new' ? null : subject}
            isNotSetUp={(provider) => isNotSetUp(provider, agents())}
            onClose={() => setOpen(null)}
          />
        )}
      </Show>
    </PageSection>
  );
}

function AgentRow(props: { agent: AgentInDetail; onEdit: () => void }) {
  const actions = createAgentActions();
  return (
    <li class="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-3 first:border-0">
      <div class="min-w-0 flex-1 basis-64">
        <p class="flex flex-wrap items-baseline gap-x-2">
          <span class="font-medium">{props.agent.name}</span>
          <span class="font-mono text-tiny text-ink-faint">@{props.agent.handle}</span>
          <Show when={props.agent.isDefault}>
            <span class="rounded border border-accent-line bg-accent-tint px-1.5 text-tiny text-accent">
              {agentWords().isDefault}
            </span>
          </Show>
          <Show when={props.agent.archivedAt}>
            <span class="rounded border border-line px-1.5 text-tiny text-ink-faint">{agentWords().archived}</span>
          </Show>
          <Show when={!props.agent.isAvailable && !props.agent.archivedAt}>
            <span class="rounded border border-line px-1.5 text-tiny text-warning">
              {adminWords().notSetUp[props.agent.provider]}
            </span>
          </Show>
        </p>
        <p class="text-small text-ink-faint">
          <ModelInUse agent={props.agent} />
          <Show when={props.agent.description}> · {sayAgentDescription(props.agent.description)}</Show>
        </p>
        <Show when={props.agent.isAvailable && shortfall(props.agent)}>
          {(words) => <p class="text-small text-warning">{words()}</p>}
        </Show>
      </div>
      <Show when={!props.agent.archivedAt}>
        <div class="flex flex-wrap gap-1">
          <Button isSmall onClick={() => props.onEdit()} aria-label={adminWords().editAgent(props.agent.name)}>
            {t().common.edit}
          </Button>
          <Show when={!props.agent.isDefault}>
            <Button isSmall look="quiet" onClick={() => void actions.makeDefault(props.agent)}>
              {adminWords().makeDefault}
            </Button>
            <Button isSmall look="quiet" onClick={() => void actions.archive(props.agent)}>
              {adminWords().archive}
            </Button>
          </Show>
        </div>
      </Show>
    </li>
  );
}

/** Stands for the model of a server that has not said which ones it has (api/providers/openai-models.ts). */
const UNNAMED = 'default';

/** Which model answers, and where its name comes from where no administrator wrote it. */
function ModelInUse(props: { agent: AgentInDetail }) {
  const isListed = () => props.agent.modelSource === 'SERVER_LIST';
  return (
    <Show
      when={!isListed() || props.agent.effectiveModel !== UNNAMED}
      fallback={<span class="text-warning">{adminWords().noModelFound}</span>}
    >
      <span class="font-mono text-tiny">{props.agent.effectiveModel}</span>
      <Show when={isListed()}> ({adminWords().modelListed})</Show>
    </Show>
  );
}

/** What to say where the model holds less than the agent's longest answer. */
function shortfall({ contextWindow, maxOutputTokens }: AgentInDetail): string | null {
  if (contextWindow === null || contextWindow === undefined || contextWindow > maxOutputTokens) return null;
  return adminWords().modelHoldsLess(contextWindow, maxOutputTokens);
}
