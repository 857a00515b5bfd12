import { useClient } from '@urql/solid';
import { createSignal, Show, type JSX } from 'solid-js';
import { perform } from '../graphql/perform';
import { formatBytes, formatMoment, formatNumber, formatSeconds } from '../i18n/format';
import { Button } from '../ui/button';
import { ConfirmDialog } from '../ui/dialog';
import { Notice } from '../ui/notice';
import { toast } from '../ui/toasts';
import { t } from '../i18n';
import { type Changelog, WriteChangelogBase } from './documents';
import { auditWords } from './words';

/** How far the files of the change log are, and what is wrong with them. */
export function ChangelogStateView(props: { state: Changelog; onChange: (state: Changelog) => void }) {
  const client = useClient();
  const [isAsking, setAsking] = createSignal(false);
  const lag = () =>
    props.state.lagCommits === 0
      ? auditWords().lagNone
      : auditWords().lagOf(props.state.lagCommits, formatSeconds(props.state.lagSeconds * 1000));

  async function writeBase() {
    setAsking(false);
    const done = await perform(client, WriteChangelogBase, { input: {} });
    toast(done.payload ? auditWords().baseWanted : done.words);
    if (done.payload) props.onChange(done.payload.changelog);
  }

  return (
    <div class="flex flex-col gap-3">
      <Show when={!props.state.isOn}>
        <Notice tone="warning">{auditWords().isOffHint}</Notice>
      </Show>
      <Show when={props.state.problem}>
        {(problem) => (
          <Notice tone="danger">
            {auditWords().problem} {problem()}
          </Notice>
        )}
      </Show>
      <Show when={props.state.verifyProblem}>
        {(problem) => (
          <Notice tone="danger">
            {auditWords().verifyProblem} {problem()}
          </Notice>
        )}
      </Show>
      <dl class="grid grid-cols-3 gap-x-4 gap-y-3 rounded-lg border border-line px-4 py-3 max-md:grid-cols-2">
        <Entry name={auditWords().files}>{props.state.isOn ? auditWords().isOn : auditWords().isOff}</Entry>
        <Entry name={auditWords().position}>
          {props.state.commit === null || props.state.commit === undefined ? '–' : formatNumber(props.state.commit)}
        </Entry>
        <Entry name={auditWords().lag}>{lag()}</Entry>
        <Entry name={auditWords().size}>
          {props.state.bytes === null || props.state.bytes === undefined ? '–' : formatBytes(props.state.bytes)}
        </Entry>
        <Entry name={auditWords().base}>
          {props.state.baseAt ? formatMoment(props.state.baseAt) : auditWords().never}
        </Entry>
        <Entry name={auditWords().verified}>
          {props.state.verifiedAt ? formatMoment(props.state.verifiedAt) : auditWords().never}
        </Entry>
      </dl>
      <div class="flex flex-wrap items-center gap-3">
        <Button isSmall disabled={!props.state.isOn || !!props.state.baseWantedAt} onClick={() => setAsking(true)}>
          {auditWords().writeBase}
        </Button>
        <Show when={props.state.baseWantedAt}>
          <span class="text-small text-ink-faint" role="status">
            {auditWords().baseWanted}
          </span>
        </Show>
      </div>
      <ConfirmDialog
        isOpen={isAsking()}
        onClose={() => setAsking(false)}
        title={auditWords().writeBaseTitle}
        hint={auditWords().writeBaseHint}
        closeLabel={t().common.close}
        answer={auditWords().writeBase}
        cancel={auditWords().cancel}
        onAnswer={() => void writeBase()}
      />
    </div>
  );
}

function Entry(props: { name: string; children: JSX.Element }) {
  return (
    <div class="min-w-0">
      <dt class="text-tiny text-ink-faint">{props.name}</dt>
      <dd class="truncate text-small">{props.children}</dd>
    </div>
  );
}
