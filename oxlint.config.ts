/** The walls of the house: which room may know of which, each with a sentence that says what to do instead. */
import { defineConfig, type OxlintOverride } from 'oxlint';

interface Wall {
  group: string[];
  message: string;
}

const tests = ['**/*.test.ts', '**/*.test.tsx', 'api/testing/**', 'cluster/**', 'web/testing/**', 'web/e2e/**'];

const noWeb: Wall = {
  group: ['**/web/**'],
  message: 'api and web meet in schema.graphql alone: put what both need into the schema.',
};
const noApi: Wall = {
  group: ['**/api/**'],
  message: 'web and api meet in schema.graphql alone: ask for it with a query.',
};
const noVendor: Wall = {
  group: ['@anthropic-ai/*', 'openai', 'openai/*'],
  message: 'Vendors’ SDKs stay in api/providers, behind the contract of provider.ts.',
};
const noRedis: Wall = {
  group: ['ioredis'],
  message: 'Redis may be away or not there at all: it stays in api/cluster, behind the contracts of contract.ts.',
};
const noTelemetry: Wall = {
  group: ['prom-client', '@opentelemetry/*'],
  message: 'Whether anything is counted or traced is a setting: call the verbs of operations/metrics.ts and trace.ts.',
};
const noSchema: Wall = {
  group: ['**/schema.ts', '**/builder.ts', 'graphql-yoga', '@pothos/*'],
  message: 'A verb knows no GraphQL: take plain arguments, throw the errors of errors.ts, and let schema.ts call you.',
};
const noDatabase: Wall = {
  group: ['**/db.ts'],
  message: 'What carries hints and texts knows no rows: ask for them through a contract, as StoredTexts is.',
};
const noTesting: Wall = { group: ['**/testing/**'], message: 'What a test needs stays in tests.' };

function above(...rooms: string[]): Wall {
  return {
    group: rooms.map((room) => `**/${room}/**`),
    message: `Imports go one way (architecture.md): this room stands before ${rooms.join(', ')}. Move what both need down, or call from above.`,
  };
}

function walls(files: string[], ...patterns: Wall[]): OxlintOverride {
  return { files, rules: { 'no-restricted-imports': ['error', { patterns }] } };
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
    message: 'Announce it in the change (chats/change.ts): it goes out after the commit.',
  },
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
    'import/no-cycle': 'off',
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
    walls(['api/**/*.ts'], noWeb, noVendor, noRedis, noTelemetry, noTesting),
    walls(['api/*/*.ts'], noWeb, noVendor, noRedis, noTelemetry, noTesting, noSchema),
    walls(
      ['api/cluster/*.ts'],
      noWeb,
      noVendor,
      noTesting,
      noSchema,
      noTelemetry,
      above('auth', 'chats', 'agents', 'contexts'),
      noDatabase,
    ),
    walls(
      ['api/operations/*.ts'],
      noWeb,
      noVendor,
      noRedis,
      noTesting,
      noSchema,
      above('auth', 'chats', 'agents', 'contexts', 'providers', 'messages', 'runs', 'feed'),
    ),
    // It stands on top of all, and reads what they count.
    walls(['api/http/gauges.ts'], noWeb, noVendor, noRedis, noTelemetry, noTesting, noSchema),
    walls(
      ['api/bus/bus.ts', 'api/auth/**/*.ts'],
      noWeb,
      noVendor,
      noTesting,
      noSchema,
      above('chats', 'agents', 'contexts', 'messages', 'runs'),
    ),
    walls(
      ['api/chats/visible.ts', 'api/chats/change.ts'],
      noWeb,
      noVendor,
      noTesting,
      noSchema,
      above('agents', 'contexts', 'providers', 'messages', 'runs'),
    ),
    walls(
      ['api/nodes/*.ts'],
      noWeb,
      noVendor,
      noTesting,
      noSchema,
      above('auth', 'chats', 'agents', 'contexts', 'providers', 'messages', 'runs'),
    ),
    walls(
      ['api/agents/*.ts', 'api/contexts/*.ts'],
      noWeb,
      noVendor,
      noTesting,
      noSchema,
      above('chats', 'messages', 'runs'),
    ),
    walls(['api/messages/*.ts'], noWeb, noVendor, noTesting, noSchema, above('runs')),
    walls(
      ['api/providers/*.ts'],
      noWeb,
      noTesting,
      noSchema,
      above('auth', 'chats', 'agents', 'contexts', 'messages', 'runs', 'feed'),
    ),
    walls(['api/*/schema.ts', 'api/graphql/schema.ts'], noWeb, noVendor, noTesting),
    walls(['web/**/*.ts', 'web/**/*.tsx'], noApi, noTesting),
    {
      files: ['web/graphql/sse.ts', 'web/feed/apply-change.ts', 'web/feed/connection.ts', 'web/feed/seats.ts'],
      rules: {
        'no-restricted-imports': [
          'error',
          {
            patterns: [
              noApi,
              noTesting,
              {
                group: ['solid-js', '@urql/*'],
                message: 'The feed is for any client: keep Solid and urql in create-feed.ts.',
              },
            ],
          },
        ],
      },
    },
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
    // The rooms where these things live.
    {
      files: [
        'api/env.ts',
        'prisma.config.ts',
        'vite.config.ts',
        'playwright.config.ts',
        'scripts/**',
        'bench/**',
        'api/chats/change.ts',
        'api/agents/manage.ts',
        'api/chats/create.ts',
        'api/bin/purge.ts',
        'api/auth/access.ts',
        'api/runner/stop.ts',
        'api/runner/abandon.ts',
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
