import { createMemo, createSignal, Show } from 'solid-js';
import { t } from '../i18n';
import { contextWords } from './words';
import { formatMoment } from '../i18n/format';
import { Button } from '../ui/button';
import { ConfirmDialog } from '../ui/dialog';
import { inputShape } from '../ui/field';
import { Notice } from '../ui/notice';
import { toast } from '../ui/toasts';
import { ContextHistory } from './context-history';
import { createLeaveGuard } from './create-leave-guard';
import { DiffView } from './diff-view';
import type { ContextFile, Saved } from './fragments';

interface ContextEditorProps {
  file: ContextFile;
  save: (content: string, expectedVersion: number) => Promise<Saved>;
}

/** One context file: its text, what changed in it, and a way back. Nothing typed or saved is lost without a question. */
export function ContextEditor(props: ContextEditorProps) {
  const [edited, setEdited] = createSignal<string | null>(null);
  const [conflict, setConflict] = createSignal<ContextFile | null>(null);
  const [problem, setProblem] = createSignal<string | null>(null);
  const [isBusy, setBusy] = createSignal(false);
  // The version the text was taken from, which is what a save builds upon; the file may move on meanwhile.
  const [base, setBase] = createSignal<number | null>(null);
  // A mutation's answer is here before the query's: the newest of them counts.
  const [learned, setLearned] = createSignal<ContextFile | null>(null);
  const file = createMemo(() => newest(props.file, learned()));
  const text = () => edited() ?? file().content;
  const isUnsaved = () => edited() !== null && edited() !== file().content;
  const guard = createLeaveGuard(isUnsaved);

  function edit(content: string) {
    if (edited() === null) setBase(file().version);
    setEdited(content);
  }

  function forget() {
    setEdited(null);
    setConflict(null);
    setProblem(null);
  }

  async function save(expectedVersion: number) {
    setBusy(true);
    setProblem(null);
    const saved = await props.save(text(), expectedVersion);
    setBusy(false);
    if ('problem' in saved) return setProblem(saved.problem);
    setLearned('conflict' in saved ? saved.conflict : saved.file);
    if ('conflict' in saved) return setConflict(saved.conflict);
    forget();
    toast(contextWords().savedVersion(saved.file.version));
  }

  return (
    <div class="flex flex-col gap-4">
      <div class="flex flex-col gap-2">
        <VersionLine file={file()} isUnsaved={isUnsaved()} />
        <textarea
          aria-label={contextWords().editor}
          class={`${inputShape} field-sizing-content max-h-[60dvh] min-h-56 resize-y py-3 font-mono text-small leading-6`}
          spellcheck={false}
          placeholder={file().defaultContent ?? ''}
          value={text()}
          onInput={(event) => edit(event.currentTarget.value)}
        />
      </div>
      <Show when={conflict()}>
        {(theirs) => (
          <Conflict
            theirs={theirs()}
            text={text()}
            isBusy={isBusy()}
            onTakeTheirs={forget}
            onKeepMine={() => void keepMine(theirs())}
          />
        )}
      </Show>
      <Show when={problem()}>{(words) => <Notice tone="danger">{words()}</Notice>}</Show>
      <div class="flex flex-wrap items-center gap-2">
        <Button
          look="primary"
          disabled={!isUnsaved() || isBusy() || !!conflict()}
          onClick={() => void save(base() ?? file().version)}
        >
          {t().common.save}
        </Button>
        <Button disabled={!isUnsaved()} onClick={forget}>
          {contextWords().discard}
        </Button>
        <Show when={file().defaultContent}>
          {(content) => (
            <Button look="quiet" disabled={text() === content()} onClick={() => edit(content())}>
              {contextWords().useDefault}
            </Button>
          )}
        </Show>
      </div>
      <ContextHistory file={file()} current={text()} isBlocked={isUnsaved()} onFile={setLearned} />
      <ConfirmDialog
        isOpen={guard.isHeld()}
        onClose={guard.stay}
        title={contextWords().leaveTitle}
        hint={contextWords().leaveHint}
        closeLabel={t().common.close}
        cancel={contextWords().stay}
        answer={contextWords().leave}
        isDangerous
        onAnswer={guard.leave}
      />
    </div>
  );

  function keepMine(theirs: ContextFile) {
    setConflict(null);
    return save(theirs.version);
  }
}

interface ConflictProps {
  theirs: ContextFile;
  text: string;
  isBusy: boolean;
  onTakeTheirs: () => void;
  onKeepMine: () => void;
}

/** Somebody else has saved another version meanwhile. */
function Conflict(props: ConflictProps) {
  return (
    <section class="flex flex-col gap-3 rounded-lg border border-warning/40 p-4">
      <Notice
        tone="warning"
        actions={
          <>
            <Button isSmall onClick={() => props.onTakeTheirs()}>
              {contextWords().takeTheirs}
            </Button>
            <Button isSmall look="primary" disabled={props.isBusy} onClick={() => props.onKeepMine()}>
              {contextWords().keepMine}
            </Button>
          </>
        }
      >
        <span class="font-medium">{contextWords().conflictTitle}.</span>{' '}
        {contextWords().conflictHint(props.theirs.version)}
      </Notice>
      <DiffView
        label={contextWords().compareWith(props.theirs.version)}
        before={props.theirs.content}
        after={props.text}
      />
    </section>
  );
}

function newest(asked: ContextFile, learned: ContextFile | null): ContextFile {
  return learned && learned.version > asked.version ? learned : asked;
}

function VersionLine(props: { file: ContextFile; isUnsaved: boolean }) {
  return (
    <p class="flex flex-wrap gap-x-3 font-mono text-tiny text-ink-faint">
      <Show
        when={props.file.version > 0}
        fallback={<span>{props.file.defaultContent ? contextWords().defaultApplies : contextWords().notYet}</span>}
      >
        <span class="text-ink-soft">{contextWords().version(props.file.version)}</span>
        <span>{formatMoment(props.file.updatedAt)}</span>
        <Show when={props.file.updatedBy}>{(author) => <span>{contextWords().by(author().name)}</span>}</Show>
      </Show>
      <span class="text-warning" role="status">
        {props.isUnsaved ? contextWords().unsaved : ''}
      </span>
    </p>
  );
}
