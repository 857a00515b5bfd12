/**
 * Before each test file. The files of one process share what packages have loaded and compiled, PGlite's WebAssembly most of all; our
 * own modules and the settings are as in a new process. Passwords are hashed quickly, unless a file says `vi.unmock`.
 */
import { vi } from 'vitest';

const shared = globalThis as { settingsAtStart?: NodeJS.ProcessEnv };
shared.settingsAtStart ??= { ...process.env };
for (const name of Object.keys(process.env)) {
  if (!(name in shared.settingsAtStart)) delete process.env[name];
}
Object.assign(process.env, shared.settingsAtStart);
vi.doMock('../auth/passwords.ts', () => import('./quick-passwords.ts'));
vi.resetModules();
