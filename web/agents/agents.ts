import { useFeed } from '../feed/create-feed';
import { graphql } from '../generated';
import type { AgentFieldsFragment } from '../generated/graphql';

export const AgentFields = graphql(`
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

/** Those that can be chosen, as they are now. */
export function createAgents(): () => readonly Agent[] {
  const feed = useFeed();
  return () => feed.known().agents.rows.filter((agent) => !agent.archivedAt);
}
