import { Show, type JSX } from 'solid-js';
import { DiffView } from '../contexts/diff-view';
import { formatMomentInDetail } from '../i18n/format';
import { Button } from '../ui/button';
import { createCommands } from '../ui/commands';
import { SidePanel } from '../ui/side-panel';
import { t } from '../i18n';
import type { ShownChange } from './documents';
import type { AddressFilter } from './filter';
import { chatOf, sayActor, sayHandle } from './say-change';
import { sidesOf } from './sides';
import { auditWords } from './words';

interface ChangePanelProps {
  change: ShownChange;
  onFilter: (part: Partial<AddressFilter>) => void;
  onClose: () => void;
}

/** One change in full, and the ways to its like. */
export function ChangePanel(props: ChangePanelProps) {
  createCommands([{ id: 'close-change', label: () => t().common.close, keys: 'escape', run: () => props.onClose() }]);
  const sides = () => sidesOf(props.change, ({ length, hash }) => auditWords().mask(length, hash.slice(0, 12)));
  const isById = () => props.change.actor.kind === 'USER' || props.change.actor.kind === 'AGENT';

  return (
    <SidePanel
      label={auditWords().change}
      title={auditWords().commit(props.change.commit)}
      onClose={() => props.onClose()}
    >
      <dl class="flex flex-col gap-3">
        <Entry name={auditWords().when}>
          <time datetime={props.change.at}>{formatMomentInDetail(props.change.at)}</time>
        </Entry>
        <Entry
          name={auditWords().who}
          action={
            <Show when={isById()}>
              <Narrow
                label={auditWords().onlyActor}
                onClick={() => props.onFilter({ actor: props.change.actor.subject })}
              />
            </Show>
          }
        >
          {sayActor(props.change.actor)}{' '}
          <span class="font-mono text-tiny text-ink-faint">{sayHandle(props.change.actor)}</span>
        </Entry>
        <Entry
          name={auditWords().table}
          action={
            <Narrow label={auditWords().onlyTable} onClick={() => props.onFilter({ table: props.change.table })} />
          }
        >
          <span class="font-mono text-small">{props.change.table}</span> ·{' '}
          {auditWords().operations[props.change.operation]}
        </Entry>
        <Show when={props.change.rowId}>
          {(rowId) => (
            <Entry
              name={auditWords().row}
              action={
                <Show when={chatOf(props.change)}>
                  {(chat) => <Narrow label={auditWords().onlyChat} onClick={() => props.onFilter({ chat: chat() })} />}
                </Show>
              }
            >
              <span class="font-mono text-tiny break-all">{rowId()}</span>
            </Entry>
          )}
        </Show>
        <Show when={props.change.requestId}>
          {(request) => (
            <Entry
              name={auditWords().requestId}
              action={
                <Narrow label={auditWords().onlyRequest} onClick={() => props.onFilter({ request: request() })} />
              }
            >
              <span class="font-mono text-tiny break-all">{request()}</span>
            </Entry>
          )}
        </Show>
      </dl>
      <Show
        when={props.change.fields.length > 0}
        fallback={
          <p class="text-small text-ink-faint">{props.change.isErased ? auditWords().erased : auditWords().noFields}</p>
        }
      >
        <DiffView label={auditWords().beforeAndAfter} before={sides().before} after={sides().after} />
      </Show>
    </SidePanel>
  );
}

function Entry(props: { name: string; action?: JSX.Element; children: JSX.Element }) {
  return (
    <div>
      <dt class="text-tiny text-ink-faint">{props.name}</dt>
      <dd class="flex items-center gap-2">
        <span class="min-w-0 flex-1">{props.children}</span>
        {props.action}
      </dd>
    </div>
  );
}

function Narrow(props: { label: string; onClick: () => void }) {
  return (
    <Button isSmall look="quiet" class="-mr-2.5 shrink-0" onClick={() => props.onClick()}>
      {props.label}
    </Button>
  );
}
