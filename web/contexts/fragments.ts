import { graphql } from '../generated';
import type { ContextFileFieldsFragment, ContextVersionFieldsFragment } from '../generated/graphql';

export const ContextFileFields = graphql(`
  fragment ContextFileFields on ContextFile {
    id
    type
    content
    defaultContent
    version
    updatedAt
    updatedBy {
      id
      name
    }
  }
`);

export const ContextVersionFields = graphql(`
  fragment ContextVersionFields on ContextVersion {
    id
    version
    content
    createdAt
    updatedBy {
      id
      name
    }
  }
`);

export type ContextFile = ContextFileFieldsFragment;
export type ContextVersion = ContextVersionFieldsFragment;

/** How saving went: done, someone was faster, or in words why not. */
export type Saved = { file: ContextFile } | { conflict: ContextFile } | { problem: string };

/** For the mutations of contexts: the cached file and its history are fetched again. */
export const changesContexts = { additionalTypenames: ['ContextFile'] };
