import { Show } from 'solid-js';
import { t } from '../i18n';
import { contextWords } from './words';
import { formatMoment } from '../i18n/format';
import { Button } from '../ui/button';
import { ConfirmDialog } from '../ui/dialog';
import { inputShape } from '../ui/field';
import { Notice } from '../ui/notice';
import { ContextHistory } from './context-history';
import { createContextEditing } from './create-context-editing';
import { createLeaveGuard } from './create-leave-guard';
import { DiffView } from './diff-view';
import type { ContextFile, Saved } from './fragments';

interface ContextEditorProps {
  file: ContextFile;
  save: (content: string, expectedVersion: number) => Promise<Saved>;
}

/** One context file: its text, what changed in it, and a way back. Nothing typed or saved is lost without a question. */
export function ContextEditor(props: ContextEditorProps) {
  const editing = createContextEditing(
    () => props.file,
    (content, expectedVersion) => props.save(content, expectedVersion),
  );
  const { file, text, isUnsaved, isBusy, conflict } = editing;
  const guard = createLeaveGuard(isUnsaved);

  return (
    <div class="flex flex-col gap-4">
      <div class="flex flex-col gap-2">
        <VersionLine file={file()} isUnsaved={isUnsaved()} />
        <textarea
          aria-label={contextWords().editor}
          dir="auto"
          class={`${inputShape} field-sizing-content max-h-[60dvh] min-h-56 resize-y py-3 font-mono text-small leading-6`}
          spellcheck={false}
          placeholder={file().defaultContent ?? ''}
          value={text()}
          onInput={(event) => editing.edit(event.currentTarget.value)}
        />
      </div>
      <Show when={conflict()}>
        {(theirs) => (
          <Conflict
            theirs={theirs()}
            text={text()}
            isBusy={isBusy()}
            onTakeTheirs={editing.forget}
            onKeepMine={() => editing.keepMine(theirs())}
          />
        )}
      </Show>
      <Show when={editing.problem()}>{(words) => <Notice tone="danger">{words()}</Notice>}</Show>
      <div class="flex flex-wrap items-center gap-2">
        <Button look="primary" disabled={!isUnsaved() || isBusy() || !!conflict()} onClick={editing.save}>
          {t().common.save}
        </Button>
        <Button disabled={!isUnsaved()} onClick={editing.forget}>
          {contextWords().discard}
        </Button>
        <Show when={file().defaultContent}>
          {(content) => (
            <Button look="quiet" disabled={text() === content()} onClick={() => editing.edit(content())}>
              {contextWords().useDefault}
            </Button>
          )}
        </Show>
      </div>
      <ContextHistory file={file()} current={text()} isBlocked={isUnsaved()} onFile={editing.learn} />
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
}

interface ConflictProps {
  theirs: ContextFile;
  text: string;
  isBusy: boolean;
  onTakeTheirs: () => void;
  onKeepMine: () => void;
}

/** Another person has saved another version meanwhile. */
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
