/** Primary and personal contexts. */
import { graphql } from '../../generated/graphql/gql.ts';

export const ContextState = graphql(`
  fragment ContextState on ContextFile {
    id
    type
    content
    defaultContent
    version
    updatedBy {
      id
      name
    }
    versions(first: 100) {
      nodes {
        id
        version
        content
      }
    }
  }
`);
