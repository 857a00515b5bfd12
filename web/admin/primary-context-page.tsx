import { createQuery, useClient } from '@urql/solid';
import { Show } from 'solid-js';
import { ContextEditor } from '../contexts/context-editor';
import { changesContexts, type Saved } from '../contexts/fragments';
import { graphql } from '../generated';
import { sayError } from '../graphql/failure-words';
import { perform } from '../graphql/perform';
import { contextWords } from '../contexts/words';
import { Notice } from '../ui/notice';
import { PageSection } from '../ui/page';

const PrimaryContextFile = graphql(`
  query PrimaryContextFile {
    primaryContext {
      ...ContextFileFields
    }
  }
`);

const UpdatePrimaryContext = graphql(`
  mutation UpdatePrimaryContext($input: UpdatePrimaryContextInput!) {
    updatePrimaryContext(input: $input) {
      __typename
      ... on UpdatePrimaryContextPayload {
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

export default function PrimaryContextPage() {
  const client = useClient();
  const [result] = createQuery({ query: PrimaryContextFile });

  async function save(content: string, expectedVersion: number): Promise<Saved> {
    const done = await perform(client, UpdatePrimaryContext, { input: { content, expectedVersion } }, changesContexts);
    if (done.payload) return { file: done.payload.contextFile };
    if (done.failure?.__typename === 'ConflictError' && done.failure.current) return { conflict: done.failure.current };
    return { problem: done.words };
  }

  return (
    <PageSection title={contextWords().primaryTitle} hint={contextWords().primaryHint}>
      <Show when={result.error}>{(error) => <Notice tone="danger">{sayError(error())}</Notice>}</Show>
      <Show when={result.data?.primaryContext}>{(file) => <ContextEditor file={file()} save={save} />}</Show>
    </PageSection>
  );
}
