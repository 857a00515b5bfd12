import { onCleanup, onMount } from 'solid-js';
import { isModalOpen } from './modal';

type TakeFiles = (files: File[]) => void;

let takers: readonly TakeFiles[] = [];

/** For as long as its owner lives, files that are dropped anywhere on the page are given to it. */
export function createFileDrop(take: TakeFiles): void {
  takers = [...takers, take];
  onCleanup(() => (takers = takers.filter((each) => each !== take)));
}

/** Keeps the browser from opening in this tab what is dropped on the page. Without anyone to take them, files are refused. */
export function createDropGuard(refuse: () => void): void {
  onMount(() => {
    document.addEventListener('dragover', permit);
    document.addEventListener('drop', drop);
  });
  onCleanup(() => {
    document.removeEventListener('dragover', permit);
    document.removeEventListener('drop', drop);
  });

  /** Without this there is no `drop` event, and the browser does as it likes. */
  function permit(event: DragEvent) {
    if (!event.dataTransfer || isOwnOfField(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = hasFiles(event) ? 'copy' : 'none';
  }

  function drop(event: DragEvent) {
    if (!event.dataTransfer || isOwnOfField(event)) return;
    event.preventDefault();
    if (!hasFiles(event)) return;
    const take = isModalOpen() ? undefined : takers.at(-1);
    if (take) take([...event.dataTransfer.files]);
    else refuse();
  }
}

/** Text or a link over a field: the browser puts it in. */
function isOwnOfField(event: DragEvent): boolean {
  return !hasFiles(event) && event.target instanceof HTMLElement && event.target.matches('input, textarea');
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}
