import RotateCw from 'lucide-solid/icons/rotate-cw';
import { For } from 'solid-js';

import { sayFailure } from '../../graphql/failure-words';
import { createRunActions } from '../../runs/create-run-actions';
import type { Mention, Message } from '../../store/message-fragments';
import { Button } from '../../ui/button';
import { useChatPlace } from '../place';
import { threadWords } from '../words';

/** Below a message of a room: the agents that it is for and that could not be asked. */
export function Unanswered(props: { message: Message }) {
  const { ask, isAsking } = createRunActions();
  const place = useChatPlace();
  return (
    <For each={props.message.mentions.filter(({ refusal, agent }) => refusal && agent)}>
      {(mention) => (
        <div class="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-small text-ink-soft">
          <p class="min-w-0">
            {threadWords().notAsked(mention.agent?.name ?? '')} {sayRefusal(mention)}
          </p>
          <Button
            isSmall
            disabled={isAsking() || place.isClosed()}
            onClick={() => mention.agent && void ask(props.message.id, mention.agent.id)}
          >
            <RotateCw size={13} aria-hidden="true" />
            {threadWords().askAgain}
          </Button>
        </div>
      )}
    </For>
  );
}

function sayRefusal({ refusal, agent }: Mention): string {
  if (!refusal) return '';
  if (refusal === 'RUN_LIMIT') return threadWords().tooManyOwn;
  return sayFailure({ code: refusal, reason: refusal, subject: agent?.name ?? null });
}
