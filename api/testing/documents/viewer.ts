/** Who asks. */
import { graphql } from '../../generated/graphql/gql.ts';

export const Viewer = graphql(`
  query Viewer {
    viewer {
      id
      name
      email
      role
      locale
      theme
      maxChats
    }
  }
`);
