import { useClient } from '@urql/solid';
import { type Accessor, createSignal, onCleanup } from 'solid-js';
import { fetchFresh } from '../graphql/client';
import { ChangelogState, type Changelog } from './documents';

const REFRESH_MS = 5_000;

/** How far the files are, read again as time goes by. Null until it is known. */
export function createChangelog(): { state: Accessor<Changelog | null>; setState: (state: Changelog) => void } {
  const client = useClient();
  const [state, setState] = createSignal<Changelog | null>(null);

  async function refresh() {
    if (document.visibilityState !== 'visible') return;
    const { data } = await fetchFresh(client, ChangelogState, {});
    // What fails is asked again; the list says why.
    if (data?.changelog) setState(data.changelog);
  }

  void refresh();
  const refreshing = setInterval(() => void refresh(), REFRESH_MS);
  onCleanup(() => clearInterval(refreshing));
  return { state, setState };
}
