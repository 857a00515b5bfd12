import { type Provider, ProviderFailure } from './provider.ts';

/** Of answers that service agents write themselves (api/service-agents): no model is asked for them. */
export const external: Provider = {
  isConfigured: () => false,
  defaultModel: () => '',
  defaultModelSource: () => 'SETTINGS',
  contextWindow: () => 0,
  // eslint-disable-next-line require-yield -- It has nothing to say.
  async *stream() {
    throw new ProviderFailure('INVALID_REQUEST', 'A service agent cannot be asked by the server.', {
      retryable: false,
    });
  },
};
