import { useViewer } from '../auth/session';
import { useFeed } from '../feed/create-feed';
import { roomWords } from './words';

const MOST_NAMES = 3;

/** Below the field of a room: who else writes there now. It keeps its height, so that nothing moves when a person begins. */
export function WritersLine(props: { roomId: string }) {
  const feed = useFeed();
  const viewer = useViewer();
  const names = () => {
    if (feed.connection() !== 'open') return [];
    const writers = feed.state().writers.get(props.roomId) ?? [];
    return writers.filter(({ id }) => id !== viewer().person.id).map(({ name }) => name);
  };
  const words = () => {
    const shown = names().slice(0, MOST_NAMES);
    return shown.length > 0 ? roomWords().writing(shown, names().length - shown.length) : '';
  };
  return (
    <p aria-live="polite" class="h-4 truncate px-1 text-tiny text-ink-faint" dir="auto">
      {words()}
    </p>
  );
}
