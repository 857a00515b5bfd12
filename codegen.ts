import type { CodegenConfig } from '@graphql-codegen/cli';

/** Typed documents for the two readers of schema.graphql: the web app, and the API's own tests. */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  ignoreNoDocuments: true,
  generates: {
    'web/generated/': {
      documents: ['web/**/*.{ts,tsx}', '!web/generated/**', '!web/e2e/**'],
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        scalars: { DateTime: 'string', UUID: 'string', SafeInt: 'number' },
      },
    },
    'api/generated/graphql/': {
      documents: ['api/**/*.ts', 'bench/**/*.ts', 'cluster/**/*.ts', '!api/generated/**'],
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        scalars: { DateTime: 'string', UUID: 'string', SafeInt: 'number' },
        emitLegacyCommonJSImports: false,
        importExtension: '.ts',
      },
    },
  },
};

export default config;
