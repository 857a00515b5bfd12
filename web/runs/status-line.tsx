import { Show, type JSX } from 'solid-js';
import { useFeed } from '../feed/create-feed';
import { statusWords } from './words';
import { formatCompact, formatNumber, formatPercent, formatSeconds } from '../i18n/format';
import { createOnline } from '../browser/create-online';
import { createLiveNumbers } from './live-numbers';
import { between, contextUsed, isActive, tokensPerSecond, type Run } from '../store/run';

interface StatusLineProps {
  /** The newest run of the open chat; null in a room, as is the model: then there are no numbers. */
  run: Run | null;
  /** The model that answers next. */
  model: string | null;
}

/** The connection, the model, and the numbers of the newest answer: estimated while it is being written, exact at its end. */
export function StatusLine(props: StatusLineProps) {
  const { connection } = useFeed();
  const isOnline = createOnline();
  const firstToken = () => between(props.run?.startedAt ?? props.run?.createdAt, props.run?.firstTokenAt);
  const live = createLiveNumbers(() => props.run);
  const estimate = () => (live()?.runId === props.run?.id ? live() : null);
  const speed = () => (props.run && tokensPerSecond(props.run)) ?? null;
  const used = () => (props.run && !isActive(props.run) ? contextUsed(props.run) : null);
  const context = () => {
    const known = used();
    const tokens = known?.tokens ?? (estimate()?.context || null);
    if (!props.run || tokens == null) return null;
    return { tokens, share: props.run.contextWindow ? tokens / props.run.contextWindow : null, isEstimate: !known };
  };
  const model = () => (isActive(props.run) ? props.run?.model : null) ?? props.model ?? props.run?.model;
  const state = () => {
    if (!isOnline()) return { words: statusWords().offline, tone: 'bg-danger' };
    switch (connection()) {
      case 'open':
        return { words: statusWords().connected, tone: 'bg-accent' };
      case 'connecting':
        return { words: statusWords().connecting, tone: 'bg-warning' };
      case 'waiting':
        return { words: statusWords().reconnecting, tone: 'bg-warning' };
      case 'refused':
        return { words: statusWords().refused, tone: 'bg-danger' };
      case 'tooMany':
      case 'closed':
        return { words: statusWords().disconnected, tone: 'bg-danger' };
    }
  };

  return (
    <footer
      aria-label={statusWords().label}
      class="flex h-[calc(1.5rem+env(safe-area-inset-bottom))] shrink-0 items-center gap-4 overflow-hidden border-t border-line bg-panel px-3 pb-[env(safe-area-inset-bottom)] font-mono text-tiny whitespace-nowrap text-ink-faint"
    >
      <span class="flex items-center gap-1.5" role="status">
        <span class={`size-1.5 rounded-full ${state().tone}`} aria-hidden="true" />
        {state().words}
      </span>
      <Show when={model()}>{(name) => <span class="truncate">{name()}</span>}</Show>
      <span class="flex-1" />
      <Show when={props.run ?? props.model}>
        <Item label={statusWords().firstToken} isWide value={firstToken()} format={formatSeconds} />
        <Item
          label={statusWords().speed}
          isWide
          value={speed() ?? estimate()?.perSecond}
          isEstimate={speed() === null}
          format={(value) => formatNumber(value, value < 10 ? 1 : 0)}
        />
        <Item
          label={statusWords().context}
          value={context()?.tokens}
          isEstimate={context()?.isEstimate}
          format={(tokens) => {
            const share = context()?.share ?? null;
            return share === null ? formatCompact(tokens) : `${formatCompact(tokens)} (${formatPercent(share)})`;
          }}
        />
      </Show>
    </footer>
  );
}

interface ItemProps {
  label: string;
  value: number | null | undefined;
  format: (value: number) => string;
  isWide?: boolean;
  isEstimate?: boolean | undefined;
}

function Item(props: ItemProps): JSX.Element {
  return (
    <span classList={{ 'max-md:hidden': !!props.isWide }}>
      {props.label}{' '}
      <span class="text-ink-soft">
        {props.value == null ? '—' : `${props.isEstimate ? '~' : ''}${props.format(props.value)}`}
      </span>
    </span>
  );
}
