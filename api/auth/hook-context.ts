import type { GenericEndpointContext } from 'better-auth';

/** What better-auth hands to a hook. */
export type HookContext = GenericEndpointContext;
