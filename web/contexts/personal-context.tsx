import { createQuery, useClient } from '@urql/solid';
import { Show } from 'solid-js';
import { graphql } from '../generated';
import { perform } from '../graphql/perform';
import { ContextEditor } from './context-editor';
import { changesContexts, type Saved } from './fragments';

const PersonalContextFile = graphql(`
  query PersonalContextFile {
    personalContext {
      ...ContextFileFields
    }
  }
`);

const UpdatePersonalContext = graphql(`
  mutation UpdatePersonalContext($input: UpdatePersonalContextInput!) {
    updatePersonalContext(input: $input) {
      __typename
      ... on UpdatePersonalContextPayload {
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

export function PersonalContext() {
  const client = useClient();
  const [result] = createQuery({ query: PersonalContextFile });

  async function save(content: string, expectedVersion: number): Promise<Saved> {
    const done = await perform(client, UpdatePersonalContext, { input: { content, expectedVersion } }, changesContexts);
    if (done.payload) return { file: done.payload.contextFile };
    if (done.failure?.__typename === 'ConflictError' && done.failure.current) return { conflict: done.failure.current };
    return { problem: done.words };
  }

  return <Show when={result.data?.personalContext}>{(file) => <ContextEditor file={file()} save={save} />}</Show>;
}
