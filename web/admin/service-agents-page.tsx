import { Key } from '@solid-primitives/keyed';
import { createQuery } from '@urql/solid';
import Bot from 'lucide-solid/icons/bot';
import { createSignal, Show } from 'solid-js';
import { graphql } from '../generated';
import { sayError } from '../graphql/failure-words';
import { Button } from '../ui/button';
import { EmptyState, Notice } from '../ui/notice';
import { PageSection } from '../ui/page';
import { toast } from '../ui/toasts';
import type { ServiceAgent } from './create-service-agent-actions';
import { ServiceAgentDeletion } from './service-agent-deletion';
import { ServiceAgentDialog } from './service-agent-dialog';
import { ServiceAgentRow } from './service-agent-row';
import { adminWords, serviceAgentWords } from './words';

const ServiceAgents = graphql(`
  query ServiceAgents {
    serviceAgents {
      ...ServiceAgentFields
    }
  }
`);

/** Each row asks for its tokens. */
const ROWS_AT_ONCE = 25;

export default function ServiceAgentsPage() {
  // An empty list holds no row by which the cache would know what it is a list of.
  const [result] = createQuery({ query: ServiceAgents, context: { additionalTypenames: ['Person'] } });
  const agents = () => result.data?.serviceAgents ?? [];
  const [edited, setEdited] = createSignal<ServiceAgent | 'new' | null>(null);
  const [deleting, setDeleting] = createSignal<ServiceAgent | null>(null);
  const [openId, setOpenId] = createSignal<string | null>(null);
  const [shownCount, setShownCount] = createSignal(ROWS_AT_ONCE);
  // A new one is shown wherever its name puts it.
  const shown = () => agents().filter(({ id }, index) => index < shownCount() || id === openId());

  function noteSaved({ id, name }: ServiceAgent) {
    if (edited() !== 'new') return toast(adminWords().edited(name));
    toast(serviceAgentWords().created(name));
    setOpenId(id);
  }

  return (
    <PageSection
      title={serviceAgentWords().title}
      hint={serviceAgentWords().hint}
      actions={
        <Button look="primary" onClick={() => setEdited('new')}>
          {serviceAgentWords().newAgent}
        </Button>
      }
    >
      <Show when={result.error}>{(error) => <Notice tone="danger">{sayError(error())}</Notice>}</Show>
      <Show when={!result.error && result.data && agents().length === 0}>
        <EmptyState icon={<Bot size={28} />} title={serviceAgentWords().none} hint={serviceAgentWords().noneHint}>
          <GuideLink />
        </EmptyState>
      </Show>
      <Show when={agents().length > 0}>
        <ul aria-label={serviceAgentWords().title} class="flex flex-col rounded-lg border border-line">
          <Key each={shown()} by="id">
            {(agent) => (
              <ServiceAgentRow
                agent={agent()}
                isOpen={openId() === agent().id}
                onToggle={() => setOpenId(openId() === agent().id ? null : agent().id)}
                onEdit={() => setEdited(agent())}
                onDelete={() => setDeleting(agent())}
              />
            )}
          </Key>
        </ul>
        <Show when={agents().length > shownCount()}>
          <Button isSmall class="self-start" onClick={() => setShownCount(shownCount() + ROWS_AT_ONCE)}>
            {serviceAgentWords().more}
          </Button>
        </Show>
        <div>
          <GuideLink />
        </div>
      </Show>
      <Show when={edited()} keyed>
        {(subject) => (
          <ServiceAgentDialog
            agent={subject === 'new' ? null : subject}
            onSaved={noteSaved}
            onClose={() => setEdited(null)}
          />
        )}
      </Show>
      <Show when={deleting()} keyed>
        {(agent) => <ServiceAgentDeletion agent={agent} onClose={() => setDeleting(null)} />}
      </Show>
    </PageSection>
  );
}

/** The server's own page, not one of the app's routes. */
function GuideLink() {
  return (
    <a
      href="/docs/service-agents"
      target="_blank"
      class="text-small text-accent underline touch:inline-flex touch:min-h-10 touch:items-center"
    >
      {serviceAgentWords().guide}
    </a>
  );
}
