/** The addresses of the pages that need nothing to be there, for an administrator. A new page is added here. */
export const plainPages = [
  '/chat/rooms',
  '/settings',
  '/settings/tokens',
  '/admin/context',
  '/admin/agents',
  '/admin/service-agents',
  '/admin/audit',
];
