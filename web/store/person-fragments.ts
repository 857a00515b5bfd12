import { graphql } from '../generated';
import type { PersonFieldsFragment } from '../generated/graphql';

export const PersonFields = graphql(`
  fragment PersonFields on Person {
    id
    name
    handle
    avatarColor
    isAgent
  }
`);

export type Person = PersonFieldsFragment;
