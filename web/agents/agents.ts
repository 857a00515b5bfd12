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
  return () => feed.state().agents.rows.filter((agent) => !agent.archivedAt);
}

/**
 * Those that are offered for an answer. The echo is left out where a model can answer, unless the administrator made it the
 * default, or `chosenId` says that it is in use.
 */
export function createOfferedAgents(chosenId: () => string | null = () => null): () => readonly Agent[] {
  const agents = createAgents();
  return () => {
    const hasModel = agents().some(({ provider, isAvailable }) => provider !== 'ECHO' && isAvailable);
    return agents().filter(
      ({ id, provider, isDefault }) => provider !== 'ECHO' || !hasModel || isDefault || id === chosenId(),
    );
  };
}
