import { useClient } from '@urql/solid';
import Download from 'lucide-solid/icons/download';
import Pause from 'lucide-solid/icons/pause';
import Play from 'lucide-solid/icons/play';
import { createMemo, createSignal, Match, onCleanup, Show, Switch } from 'solid-js';
import { AdminFrame } from '../admin/admin-page';
import { sayError } from '../graphql/failure-words';
import { Button } from '../ui/button';
import { EmptyState, Notice } from '../ui/notice';
import { PageSection } from '../ui/page';
import { toast } from '../ui/toasts';
import { ChangeList } from './change-list';
import { ChangePanel } from './change-panel';
import { ChangelogStateView } from './changelog-state';
import { createChanges, MOST_SHOWN } from './create-changes';
import { createChangelog } from './create-changelog';
import { keyOf, type ShownChange } from './documents';
import { exportChanges, saveFile } from './export-changes';
import { createFilter, isEmpty, queryOf } from './filter';
import { FilterForm } from './filter-form';
import { auditWords } from './words';

/** What was written to the database, by whom; without the words of anybody. */
export default function AuditPage() {
  const { filter, change } = createFilter();
  const query = createMemo(() => queryOf(filter()));
  const [isPaused, setPaused] = createSignal(false);
  const [chosen, setChosen] = createSignal<ShownChange | null>(null);
  const changes = createChanges(() => query(), isPaused);
  const changelog = createChangelog();
  const shown = () => changes.list() ?? [];

  return (
    <AdminFrame
      panel={
        <Show when={chosen()}>
          {(one) => <ChangePanel change={one()} onFilter={change} onClose={() => setChosen(null)} />}
        </Show>
      }
    >
      <PageSection title={auditWords().title} hint={auditWords().hint}>
        <Show when={changelog.state()}>
          {(state) => <ChangelogStateView state={state()} onChange={changelog.setState} />}
        </Show>
        <FilterForm filter={filter()} tables={changelog.state()?.tables ?? []} onChange={change} />
        <div class="flex flex-wrap items-center gap-2">
          <Button isSmall aria-pressed={isPaused()} onClick={() => setPaused(!isPaused())}>
            <Show when={isPaused()} fallback={<Pause size={14} aria-hidden="true" />}>
              <Play size={14} aria-hidden="true" />
            </Show>
            {isPaused() ? auditWords().resume : auditWords().pause}
          </Button>
          <span class="min-w-0 flex-1 basis-40 text-small text-ink-faint" role="status">
            {isPaused() ? auditWords().paused : auditWords().live}
          </span>
          <ExportButton filter={query()} />
        </div>
        <Show when={changes.error()}>
          {(error) => (
            <Notice
              tone="danger"
              actions={
                <Button isSmall onClick={() => void changes.loadOlder()}>
                  {auditWords().again}
                </Button>
              }
            >
              {sayError(error())}
            </Notice>
          )}
        </Show>
        <ChangeList
          changes={shown()}
          chosen={keyOfChosen(chosen())}
          onChoose={(one) => setChosen(keyOfChosen(chosen()) === keyOf(one) ? null : one)}
        />
        <Switch>
          <Match when={changes.isLoading()}>
            <p class="text-center text-small text-ink-faint" role="status">
              {auditWords().loading}
            </p>
          </Match>
          <Match when={changes.error()}>{null}</Match>
          <Match when={changes.hasOlder() && shown().length >= MOST_SHOWN}>
            <p class="text-center text-small text-ink-faint">{auditWords().mostShown(shown().length)}</p>
          </Match>
          <Match when={changes.hasOlder()}>
            <Show when={shown().length === 0}>
              <p class="text-center text-small text-ink-faint" role="status">
                {auditWords().notFoundYet}
              </p>
            </Show>
            <Button class="self-center" onClick={() => void changes.loadOlder()}>
              {shown().length === 0 ? auditWords().searchOn : auditWords().older}
            </Button>
          </Match>
          <Match when={shown().length === 0}>
            <EmptyState
              title={auditWords().nothing}
              hint={isEmpty(filter()) ? auditWords().nothingHint : auditWords().nothingFiltered}
            />
          </Match>
        </Switch>
      </PageSection>
    </AdminFrame>
  );
}

const keyOfChosen = (change: ShownChange | null) => change && keyOf(change);

/** While it goes on, it says how far it is, and stops it. */
function ExportButton(props: { filter: ReturnType<typeof queryOf> }) {
  const client = useClient();
  const [count, setCount] = createSignal<number | null>(null);
  let going: AbortController | null = null;
  onCleanup(() => going?.abort());

  async function run() {
    if (going) return stop();
    const own = new AbortController();
    going = own;
    setCount(0);
    try {
      const done = await exportChanges(client, props.filter, own.signal, setCount);
      if (!done) return;
      saveFile(done.file, `changes-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.jsonl`);
      toast(done.isCut ? auditWords().exportedCut(done.count) : auditWords().exported(done.count));
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error));
    }
    if (going === own) stop();
  }

  function stop() {
    going?.abort();
    going = null;
    setCount(null);
  }

  return (
    <Button isSmall onClick={() => void run()}>
      <Download size={14} aria-hidden="true" />
      {count() === null ? auditWords().exportLines : auditWords().exporting(count() ?? 0)}
    </Button>
  );
}
