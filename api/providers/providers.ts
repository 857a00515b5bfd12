import { anthropic } from './anthropic.ts';
import { echo } from './echo.ts';
import { external } from './external.ts';
import { openai } from './openai.ts';
import type { Provider } from './provider.ts';

/** EXTERNAL: a service agent writes the answer. No agent of ours has it. */
export type ProviderName = 'ANTHROPIC' | 'OPENAI' | 'ECHO' | 'EXTERNAL';

export interface ProviderSettings {
  anthropic: Parameters<typeof anthropic>[0];
  openai: Parameters<typeof openai>[0];
  echo: Parameters<typeof echo>[0];
}

/** Every provider there is, by the name under which agents and runs refer to it. */
export function makeProviders(settings: ProviderSettings): Record<ProviderName, Provider> {
  const models = { ANTHROPIC: anthropic(settings.anthropic), OPENAI: openai(settings.openai) };
  const isModelConnected = () => Object.values(models).some((provider) => provider.isConfigured());
  return { ...models, ECHO: echo({ isModelConnected, ...settings.echo }), EXTERNAL: external };
}

/** The providers of this process. Set by `openProviders`, before the first request. */
export let providers: Record<ProviderName, Provider>;

export function openProviders(settings: ProviderSettings): void {
  providers = makeProviders(settings);
}

/** Can anybody but the echo answer? */
export function isModelConnected(): boolean {
  return providers.ANTHROPIC.isConfigured() || providers.OPENAI.isConfigured();
}
