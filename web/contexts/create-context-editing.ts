import { createMemo, createSignal, type Accessor } from 'solid-js';

import { toast } from '../ui/toasts';
import type { ContextFile, Saved } from './fragments';
import { contextWords } from './words';

/** What is typed into a context file, until it is saved. Nothing that others saved meanwhile is overwritten without a question. */
export function createContextEditing(
  asked: Accessor<ContextFile>,
  send: (content: string, expectedVersion: number) => Promise<Saved>,
) {
  const [edited, setEdited] = createSignal<string | null>(null);
  const [conflict, setConflict] = createSignal<ContextFile | null>(null);
  const [problem, setProblem] = createSignal<string | null>(null);
  const [isBusy, setBusy] = createSignal(false);
  // The version the text was taken from, which is what a save builds upon; the file may move on meanwhile.
  const [base, setBase] = createSignal<number | null>(null);
  // A mutation's answer is here before the query's: the newest of them counts.
  const [learned, setLearned] = createSignal<ContextFile | null>(null);
  const file = createMemo(() => newest(asked(), learned()));
  const text = () => edited() ?? file().content;

  function edit(content: string) {
    if (edited() === null) setBase(file().version);
    setEdited(content);
  }

  function forget() {
    setEdited(null);
    setConflict(null);
    setProblem(null);
  }

  async function saveOver(expectedVersion: number) {
    setBusy(true);
    setProblem(null);
    const saved = await send(text(), expectedVersion);
    setBusy(false);
    if ('problem' in saved) return setProblem(saved.problem);
    setLearned('conflict' in saved ? saved.conflict : saved.file);
    if ('conflict' in saved) return setConflict(saved.conflict);
    forget();
    toast(contextWords().savedVersion(saved.file.version));
  }

  return {
    /** As it was saved last. */
    file,
    text,
    isUnsaved: () => edited() !== null && edited() !== file().content,
    isBusy,
    /** What another person saved in between. */
    conflict,
    problem,
    edit,
    /** Goes back to what was saved last. */
    forget,
    save: () => void saveOver(base() ?? file().version),
    keepMine(theirs: ContextFile) {
      setConflict(null);
      void saveOver(theirs.version);
    },
    /** The file has another version by other ways than `save`. */
    learn: setLearned,
  };
}

function newest(asked: ContextFile, learned: ContextFile | null): ContextFile {
  return learned && learned.version > asked.version ? learned : asked;
}
