import { createSignal, Show } from 'solid-js';
import { t } from '../i18n';
import { formatMoment } from '../i18n/format';
import { createTokens, TokenList } from '../tokens/token-list';
import { tokenWords } from '../tokens/words';
import { Avatar } from '../ui/avatar';
import { Button } from '../ui/button';
import { createServiceAgentActions, type ServiceAgent } from './create-service-agent-actions';
import { lastUse } from './last-use';
import { adminWords, serviceAgentWords } from './words';

interface ServiceAgentRowProps {
  agent: ServiceAgent;
  /** Whether its tokens are shown below it. */
  isOpen: boolean;
  onToggle: () => void;
  onEdit: () => void;
  onDelete: () => void;
}

export function ServiceAgentRow(props: ServiceAgentRowProps) {
  const actions = createServiceAgentActions();
  const label = () => serviceAgentWords().tokensOf(props.agent.name);
  const toggle = () => void (props.agent.isDisabled ? actions.enable(props.agent) : actions.disable(props.agent));
  return (
    <li class="border-t border-line first:border-0">
      <div class="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
        <Avatar name={props.agent.name} color={props.agent.avatarColor} isAgent />
        <div class="min-w-0 flex-1 basis-56">
          <p class="flex flex-wrap items-baseline gap-x-2">
            <span class="font-medium break-words">{props.agent.name}</span>
            <span class="font-mono text-tiny text-ink-faint">@{props.agent.handle}</span>
            <Show when={props.agent.isDisabled}>
              <span class="rounded border border-line px-1.5 text-tiny text-warning">
                {serviceAgentWords().disabled}
              </span>
            </Show>
          </p>
          <p class="text-small text-ink-faint">
            <TokenSummary agentId={props.agent.id} />
          </p>
        </div>
        <div class="flex flex-wrap gap-1 max-sm:-mx-1.5 max-sm:gap-0.5">
          <Button isSmall aria-label={label()} aria-expanded={props.isOpen} onClick={() => props.onToggle()}>
            {serviceAgentWords().tokens}
          </Button>
          <Button isSmall aria-label={adminWords().editAgent(props.agent.name)} onClick={() => props.onEdit()}>
            {t().common.edit}
          </Button>
          <Button isSmall look="quiet" onClick={toggle}>
            {props.agent.isDisabled ? serviceAgentWords().enable : serviceAgentWords().disable}
          </Button>
          <Button
            isSmall
            look="quiet"
            aria-label={serviceAgentWords().deleteAgent(props.agent.name)}
            onClick={() => props.onDelete()}
          >
            {t().common.delete}
          </Button>
        </div>
      </div>
      <Show when={props.isOpen}>
        <Tokens agent={props.agent} label={label()} />
      </Show>
    </li>
  );
}

/** How many there are, and when a program came with one last. */
function TokenSummary(props: { agentId: string }) {
  const result = createTokens(() => props.agentId);
  const words = () => {
    const tokens = result.data?.apiTokens;
    if (!tokens) return '';
    if (tokens.length === 0) return serviceAgentWords().noTokens;
    const usable = tokens.filter(({ expiresAt }) => !expiresAt || Date.parse(expiresAt) > Date.now());
    if (usable.length === 0) return serviceAgentWords().tokensExpired;
    const last = lastUse(tokens);
    const use = last ? tokenWords().usedAt(formatMoment(last.at), last.address) : tokenWords().neverUsed;
    return `${serviceAgentWords().tokenCount(usable.length)} · ${use}`;
  };
  return <>{words()}</>;
}

function Tokens(props: { agent: ServiceAgent; label: string }) {
  const [isMaking, setMaking] = createSignal(false);
  return (
    <div class="flex flex-col gap-3 px-4 pb-4">
      <Button isSmall class="self-start" onClick={() => setMaking(true)}>
        {tokenWords().newToken}
      </Button>
      <TokenList
        label={props.label}
        serviceAgent={props.agent}
        empty={serviceAgentWords().noTokensYet}
        isMaking={isMaking()}
        onMakingDone={() => setMaking(false)}
      />
    </div>
  );
}
