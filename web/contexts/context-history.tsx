import { createQuery, useClient } from '@urql/solid';
import { createSignal, For, Show } from 'solid-js';
import { graphql } from '../generated';
import { perform } from '../graphql/perform';
import { contextWords } from './words';
import { formatMoment } from '../i18n/format';
import { Button } from '../ui/button';
import { toast } from '../ui/toasts';
import { DiffView } from './diff-view';
import { changesContexts, type ContextFile, type ContextVersion } from './fragments';

const SHOWN_VERSIONS = 50;

const ContextVersions = graphql(`
  query ContextVersions($id: ID!, $first: Int!) {
    node(id: $id) {
      ... on ContextFile {
        id
        versions(first: $first) {
          nodes {
            ...ContextVersionFields
          }
        }
      }
    }
  }
`);

const RestoreContextVersion = graphql(`
  mutation RestoreContextVersion($input: RestoreContextVersionInput!) {
    restoreContextVersion(input: $input) {
      __typename
      ... on RestoreContextVersionPayload {
        contextFile {
          ...ContextFileFields
        }
      }
      ... on ConflictError {
        current {
          ...ContextFileFields
        }
      }
      ...FailureFields
    }
  }
`);

interface ContextHistoryProps {
  file: ContextFile;
  /** What a version is compared with: the text as it stands in the editor. */
  current: string;
  /** Restoring now would overwrite what is being written. */
  isBlocked: boolean;
  /** Called with the file as the server has it now. */
  onFile: (file: ContextFile) => void;
}

export function ContextHistory(props: ContextHistoryProps) {
  const client = useClient();
  const [result] = createQuery({
    query: ContextVersions,
    variables: () => ({ id: props.file.id, first: SHOWN_VERSIONS }),
  });
  const [chosenId, setChosenId] = createSignal<string | null>(null);
  const versions = () => {
    const file = result.data?.node;
    return file && 'versions' in file ? file.versions.nodes.toSorted((one, other) => other.version - one.version) : [];
  };

  async function restore({ id, version }: ContextVersion) {
    const input = { id, expectedVersion: props.file.version };
    const done = await perform(client, RestoreContextVersion, { input }, changesContexts);
    toast(done.payload ? contextWords().restored(version) : done.words);
    if (done.payload) {
      props.onFile(done.payload.contextFile);
      setChosenId(null);
    } else if (done.failure?.__typename === 'ConflictError' && done.failure.current) props.onFile(done.failure.current);
  }

  return (
    <section class="mt-4 flex flex-col gap-2">
      <h3 class="font-semibold">{contextWords().history}</h3>
      <ul class="flex flex-col rounded-lg border border-line empty:hidden">
        <For each={versions()}>
          {(version) => (
            <li class="border-t border-line first:border-0">
              <button
                type="button"
                class="flex w-full flex-wrap items-baseline gap-x-3 px-4 py-2 text-left touch:min-h-10 hover:bg-hover"
                aria-expanded={chosenId() === version.id}
                onClick={() => setChosenId(chosenId() === version.id ? null : version.id)}
              >
                <span class="flex-1">
                  {contextWords().version(version.version)}
                  <Show when={version.version === props.file.version}>
                    <span class="ml-2 text-small text-accent">{contextWords().current}</span>
                  </Show>
                </span>
                <span class="text-small text-ink-faint">{version.updatedBy?.name}</span>
                <span class="font-mono text-tiny text-ink-faint">{formatMoment(version.createdAt)}</span>
              </button>
              <Show when={chosenId() === version.id}>
                <div class="flex flex-col items-start gap-3 px-4 pt-1 pb-4 *:w-full">
                  <DiffView
                    label={contextWords().compareWith(version.version)}
                    before={version.content}
                    after={props.current}
                  />
                  <Show when={version.version !== props.file.version}>
                    <Button isSmall class="w-auto!" disabled={props.isBlocked} onClick={() => void restore(version)}>
                      {contextWords().restore}
                    </Button>
                  </Show>
                </div>
              </Show>
            </li>
          )}
        </For>
      </ul>
      <Show when={!result.fetching && versions().length === 0}>
        <p class="text-small text-ink-faint">{contextWords().noHistory}</p>
      </Show>
    </section>
  );
}
