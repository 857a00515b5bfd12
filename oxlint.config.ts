/**
 * The walls between folders, computed from the order of floors: a folder may import only from floors below its own. Each file has one
 * override with all its walls, since a later `no-restricted-imports` replaces an earlier one.
 */
import { defineConfig, type OxlintOverride } from 'oxlint';

interface Wall {
  group?: string[];
  regex?: string;
  message: string;
}

const tests = ['**/*.test.ts', '**/*.test.tsx', 'api/testing/**', 'cluster/**', 'web/testing/**', 'web/e2e/**'];

/** The folders of the API, lowest first. */
export const apiFloors = [
  'operations',
  'providers',
  'redis',
  'bus',
  'database',
  'nodes',
  'changelog',
  'presence',
  'texts',
  'paging',
  'handles',
  'auth',
  'graphql-builder',
  'people',
  'agents',
  'contexts',
  'members',
  'chats',
  'mentions',
  'runs',
  'bin',
  'messages',
  'asking',
  'reactions',
  'invitations',
  'rooms',
  'room-agents',
  'accounts',
  'audit',
  'tokens',
  'limits',
  'service-agents',
  'runner',
  'run-events',
  'feed',
  'graphql',
  'http',
];

/** The folders of the page, lowest first. */
export const webFloors = [
  'browser',
  'i18n',
  'ui',
  'graphql',
  'store',
  'feed',
  'auth',
  'agents',
  'contexts',
  'runs',
  'messages',
  'rooms',
  'chats',
  'frame',
  'tokens',
  'admin',
  'audit',
  'settings',
];

/** Files of api/ that every floor may import; they import none. */
export const apiGround = ['env', 'errors', 'ids', 'log', 'postgres-url'];

const noWeb: Wall = {
  regex: '^(\\.\\./)+web/',
  message: 'api and web meet in schema.graphql alone: put what both need into the schema.',
};
const noApi: Wall = {
  regex: '^(\\.\\./)+api/',
  message: 'web and api meet in schema.graphql alone: ask for it with a query.',
};
const noVendor: Wall = {
  group: ['@anthropic-ai/*', 'openai', 'openai/*'],
  message: 'Vendors’ SDKs stay in api/providers, behind the contract of provider.ts.',
};
const noRedis: Wall = {
  group: ['ioredis'],
  message: 'Redis stays in api/redis; what stands on it is behind the contracts hint-wire.ts and text-wire.ts.',
};
const noTelemetry: Wall = {
  group: ['prom-client', '@opentelemetry/*'],
  message:
    'Whether anything is counted or traced is a setting: call the functions of operations/metrics.ts and trace.ts.',
};
const noGraphQL: Wall = {
  group: [
    '**/schema.ts',
    '**/graphql-builder/builder.ts',
    '**/graphql-builder/error-types.ts',
    'graphql-yoga',
    '@pothos/*',
  ],
  message: 'A verb knows no GraphQL: take plain arguments, throw the errors of errors.ts, and let schema.ts call you.',
};
const noTesting: Wall = { regex: '/testing/', message: 'What a test needs stays in tests.' };

/** Packages that one folder alone may import. */
const homes: Record<string, Wall> = { providers: noVendor, redis: noRedis, operations: noTelemetry };

function noFloorAbove(floors: readonly string[], folder: string): Wall[] {
  const above = floors.slice(floors.indexOf(folder) + 1);
  if (above.length === 0) return [];
  return [
    {
      regex: `^\\.\\.?/(?:\\.\\./)*(?:${above.join('|')})/`,
      message: `Imports go down (docs/architecture.md): ${folder} is below that folder. Move what both need down, or call from above.`,
    },
  ];
}

function walls(files: string[], ...patterns: Wall[]): OxlintOverride {
  return { files, rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

function apiWalls(): OxlintOverride[] {
  const packages = (folder: string) => Object.entries(homes).flatMap(([home, wall]) => (home === folder ? [] : [wall]));
  const ground: Wall = {
    regex: '^\\./.+/',
    message: 'What every floor may import imports none of them.',
  };
  return [
    walls(['api/*.ts'], noWeb, noTesting, ...packages('')),
    walls(
      apiGround.map((name) => `api/${name}.ts`),
      noWeb,
      noTesting,
      ground,
      ...packages(''),
    ),
    ...apiFloors.flatMap((folder) => {
      const always = [noWeb, noTesting, ...packages(folder), ...noFloorAbove(apiFloors, folder)];
      const isGraphQL = folder === 'graphql' || folder === 'graphql-builder';
      return [
        walls([`api/${folder}/**/*.ts`], ...always, ...(isGraphQL ? [] : [noGraphQL])),
        // A topic of the feed has its GraphQL types beside its events.
        walls([`api/${folder}/schema.ts`, `api/${folder}/topics/*.ts`], ...always),
      ];
    }),
  ];
}

/** Any client could use these: what they need of Solid and urql is in create-feed.ts. */
export const withoutFramework = {
  feed: [
    'connection',
    'feed-line',
    'live-feed',
    'polling-feed',
    'visit',
    'seats',
    'sse',
    'browser-tab',
    'visit-turns',
    'feed-document',
  ],
  store: ['reduce', 'run', 'agents-known'],
};

const noFramework: Wall = {
  group: ['solid-js', 'solid-js/*', '@urql/*', '@solidjs/*'],
  message: 'The feed and the reducer are for any client: keep Solid and urql in create-feed.ts.',
};

function webWalls(): OxlintOverride[] {
  return [
    walls(['web/*.ts', 'web/*.tsx'], noApi, noTesting),
    ...webFloors.flatMap((folder) => {
      const always = [noApi, noTesting, ...noFloorAbove(webFloors, folder)];
      const files = Object.entries(withoutFramework).flatMap(([home, names]) => (home === folder ? names : []));
      return [
        walls([`web/${folder}/**/*.ts`, `web/${folder}/**/*.tsx`], ...always),
        ...(files.length > 0
          ? [
              walls(
                files.map((name) => `web/${folder}/${name}.ts`),
                ...always,
                noFramework,
              ),
            ]
          : []),
      ];
    }),
  ];
}

const places = [
  {
    object: 'process',
    property: 'env',
    message: 'Settings are read in api/env.ts alone: add it there, and to .env.example and the README.',
  },
  {
    object: 'bus',
    property: 'publish',
    message: 'Announce it in `write` (database/write.ts) or `changeChat`: it is published after the commit.',
  },
  { property: '$transaction', message: 'Write with `write` (database/write.ts): it knows who writes.' },
  { property: 'innerHTML', message: 'HTML is made of text in web/ui/markdown.tsx alone.' },
  { property: 'scrollTop', message: 'Scrolling has one owner: web/ui/create-follow-scroll.ts.' },
];

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'import', 'promise', 'vitest'],
  jsPlugins: ['eslint-plugin-solid'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  env: { builtin: true },
  ignorePatterns: ['**/generated/**', 'web/dist/**'],
  rules: {
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
    'typescript/consistent-type-imports': 'error',
    'import/no-cycle': 'error',
    'no-restricted-properties': ['error', ...places],
    'unicorn/consistent-function-scoping': 'off',
    'no-await-in-loop': 'off',
    'no-underscore-dangle': 'off',
    'import/no-unassigned-import': 'off',
    'import/no-named-as-default': 'off',
    'import/no-named-as-default-member': 'off',
    'no-shadow': 'off',
    'unicorn/no-array-sort': 'off',
    'unicorn/no-array-reverse': 'off',
    'unicorn/prefer-add-event-listener': 'off',
    'promise/always-return': 'off',
    'promise/no-callback-in-promise': 'off',
    // TypeScript knows what ends a function.
    'typescript/consistent-return': 'off',
    'vitest/no-conditional-expect': 'off',
    'vitest/expect-expect': 'off',
    'vitest/valid-expect-in-promise': 'off',
    'vitest/require-mock-type-parameters': 'off',
    // A second argument says which case it was.
    'vitest/valid-expect': 'off',
    'vitest/no-conditional-tests': 'off',
    'typescript/no-unsafe-type-assertion': 'off',
    'typescript/no-unnecessary-type-arguments': 'off',
  },
  overrides: [
    ...apiWalls(),
    ...webWalls(),
    {
      files: ['web/**/*.tsx'],
      rules: {
        'solid/reactivity': 'error',
        'solid/no-destructure': 'error',
        'solid/components-return-once': 'error',
        'solid/no-innerhtml': 'error',
        'solid/jsx-no-script-url': 'error',
        'solid/prefer-for': 'error',
        'solid/event-handlers': 'error',
        'solid/style-prop': 'error',
        'solid/no-react-specific-props': 'error',
      },
    },
    // Where these things belong.
    {
      files: [
        'api/env.ts',
        'prisma.config.ts',
        'vite.config.ts',
        'playwright.config.ts',
        'scripts/**',
        'bench/**',
        'api/database/write.ts',
        'api/auth/access.ts',
        'api/runner/stop.ts',
        'api/runner/abandon.ts',
        'api/feed/typing.ts',
        'web/ui/create-follow-scroll.ts',
        ...tests,
      ],
      rules: { 'no-restricted-properties': 'off' },
    },
    {
      files: tests,
      rules: { 'no-restricted-imports': 'off', 'typescript/no-misused-promises': 'off', 'solid/reactivity': 'off' },
    },
  ],
});
