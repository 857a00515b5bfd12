/** Agents. */
import { graphql } from '../../generated/graphql/gql.ts';

export const AgentState = graphql(`
  fragment AgentState on Agent {
    id
    handle
    name
    description
    provider
    model
    effectiveModel
    instructions
    maxOutputTokens
    effort
    isDefault
    isAvailable
    archivedAt
  }
`);

export const ListAgents = graphql(`
  query ListAgents {
    agents {
      ...AgentState
    }
  }
`);

export const CreateAgent = graphql(`
  mutation CreateAgent($input: CreateAgentInput!) {
    createAgent(input: $input) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on InvalidInputError {
        issues {
          path
          code
          reason
          limit
        }
      }
      ... on CreateAgentPayload {
        agent {
          ...AgentState
        }
      }
    }
  }
`);
