import { formatMoment } from '../../i18n/format';
import type { Message } from '../../store/message-fragments';
import { threadWords } from '../words';

/** What happened in the room, as a quiet line between what people say. */
export function EventLine(props: { message: Message; event: NonNullable<Message['event']> }) {
  const words = () => {
    const { kind, people, agents, text } = props.event;
    const names = [...people, ...agents].map(({ name }) => name).join(', ') || threadWords().formerMember;
    return threadWords().events[kind](props.message.author?.name ?? threadWords().formerMember, names, text);
  };
  return (
    <p
      class="text-center text-small text-ink-faint"
      title={formatMoment(props.message.createdAt)}
      data-message={props.message.id}
    >
      {words()}
    </p>
  );
}
