import { z } from 'zod';

/** In `message.event` of a SYSTEM message. */
const Stored = z.object({
  kind: z.enum([
    'JOINED',
    'ADDED',
    'LEFT',
    'REMOVED',
    'RENAMED',
    'TOPIC_CHANGED',
    'CLOSED',
    'REOPENED',
    'AGENT_ADDED',
    'AGENT_REMOVED',
  ]),
  /** Whom it is about. */
  personIds: z.array(z.string()),
  /** Which agents it is about. Events of rooms without agents have none. */
  agentIds: z.array(z.string()).default([]),
  /** The new title or topic; else empty. */
  text: z.string(),
});

export type RoomEvent = z.infer<typeof Stored>;

/** Null for a message of a person or an agent. */
export function parseRoomEvent(stored: unknown): RoomEvent | null {
  return stored === null ? null : Stored.parse(stored);
}
