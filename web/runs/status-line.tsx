import { Show, type JSX } from 'solid-js';
import { useFeed } from '../feed/create-feed';
import { t } from '../i18n';
import { formatCompact, formatNumber, formatPercent, formatSeconds } from '../i18n/format';
import { createOnline } from '../ui/create-online';
import { between, contextUsed, tokensPerSecond, type Run } from './run';

/** The terminal's spirit: always there, never moving. */
export function StatusLine(props: { run: Run | null; model: string | null }) {
  const { connection } = useFeed();
  const isOnline = createOnline();
  const firstToken = () => between(props.run?.startedAt ?? props.run?.createdAt, props.run?.firstTokenAt);
  const speed = () => props.run && tokensPerSecond(props.run);
  const used = () => props.run && contextUsed(props.run);
  const state = () => {
    if (!isOnline()) return { words: t().status.offline, tone: 'bg-danger' };
    switch (connection()) {
      case 'open':
        return { words: t().status.connected, tone: 'bg-accent' };
      case 'connecting':
        return { words: t().status.connecting, tone: 'bg-warning' };
      case 'waiting':
        return { words: t().status.reconnecting, tone: 'bg-warning' };
      case 'refused':
        return { words: t().status.refused, tone: 'bg-danger' };
      case 'closed':
        return { words: t().status.disconnected, tone: 'bg-danger' };
    }
  };

  return (
    <footer
      aria-label={t().status.label}
      class="flex h-[calc(1.5rem+env(safe-area-inset-bottom))] shrink-0 items-center gap-4 overflow-hidden border-t border-line bg-panel px-3 pb-[env(safe-area-inset-bottom)] font-mono text-tiny whitespace-nowrap text-ink-faint"
    >
      <span class="flex items-center gap-1.5" role="status">
        <span class={`size-1.5 rounded-full ${state().tone}`} aria-hidden="true" />
        {state().words}
      </span>
      <Show when={props.run?.model ?? props.model}>{(model) => <span class="truncate">{model()}</span>}</Show>
      <span class="flex-1" />
      <Item label={t().status.firstToken} isWide value={firstToken()} format={formatSeconds} />
      <Item
        label={t().status.speed}
        isWide
        value={speed()}
        format={(value) => formatNumber(value, value < 10 ? 1 : 0)}
      />
      <Show when={used()} fallback={<Item label={t().status.context} value={null} format={formatCompact} />}>
        {(context) => (
          <Item
            label={t().status.context}
            value={context().tokens}
            format={(tokens) => {
              const share = context().share;
              return share === null ? formatCompact(tokens) : `${formatCompact(tokens)} (${formatPercent(share)})`;
            }}
          />
        )}
      </Show>
    </footer>
  );
}

interface ItemProps {
  label: string;
  value: number | null | undefined;
  format: (value: number) => string;
  isWide?: boolean;
}

function Item(props: ItemProps): JSX.Element {
  return (
    <span classList={{ 'max-md:hidden': !!props.isWide }}>
      {props.label} <span class="text-ink-soft">{props.value == null ? '—' : props.format(props.value)}</span>
    </span>
  );
}
