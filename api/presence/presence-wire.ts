/**
 * The contract by which nodes exchange presence. A wire may be away at any time: then the others' people are offline after
 * a while, and there again when it is back. Implementations: none (one node) and redis-presence.ts.
 */

/** The people with open feeds on one node. */
export interface NodePresence {
  online: string[];
  away: string[];
}

export interface PresenceWire {
  /**
   * Says who is on this node, where that has changed, and that the node lives. Resolves to who is on the other nodes that live. Rejects
   * where the wire is away.
   */
  exchange(own: NodePresence): Promise<NodePresence[]>;
}

export const noPresenceWire: PresenceWire = { exchange: () => Promise.resolve([]) };
