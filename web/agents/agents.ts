import { createQuery } from '@urql/solid';
import { graphql } from '../generated';
import type { AgentFieldsFragment } from '../generated/graphql';

const Agents = graphql(`
  query Agents {
    agents {
      ...AgentFields
    }
  }

  fragment AgentFields on Agent {
    id
    handle
    name
    description
    provider
    effectiveModel
    isDefault
    isAvailable
    archivedAt
  }
`);

export type Agent = AgentFieldsFragment;

export function createAgents(): () => readonly Agent[] {
  const [result] = createQuery({ query: Agents });
  return () => result.data?.agents.filter((agent) => !agent.archivedAt) ?? [];
}
