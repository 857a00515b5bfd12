/** Before each test file: those of one process share what packages have loaded, and neither our modules nor what a page leaves behind. */
import { vi } from 'vitest';

if (typeof document !== 'undefined') {
  document.documentElement.innerHTML = '<head></head><body></body>';
  localStorage.clear();
  sessionStorage.clear();
}
vi.resetModules();
