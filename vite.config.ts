import tailwindcss from '@tailwindcss/vite';
import { defineConfig, loadEnv } from 'vite';
import { compression } from 'vite-plugin-compression2';
import solid from 'vite-plugin-solid';

import { docs } from './scripts/docs/plugin.ts';
import { documentTexts } from './scripts/document-texts.ts';
import { pageDocuments } from './scripts/page-documents.ts';

/** Where `npm run dev` finds the API; the built app is served by the API itself. */
const { PORT } = loadEnv('development', import.meta.dirname, 'PORT');
// `Host` stays that of the page: the API compares it with `Origin`. As a plain string, the target would replace it.
const toApi = { target: `http://127.0.0.1:${PORT || '4000'}`, changeOrigin: false };

export default defineConfig({
  root: 'web',
  plugins: [
    documentTexts(),
    solid(),
    tailwindcss(),
    pageDocuments(),
    docs(),
    // The API serves these files as they are (api/http/web-app.ts); fonts are compressed already.
    compression({
      include: /\.(html|js|css|svg|json|webmanifest|txt|graphql)$/,
      algorithms: ['brotliCompress', 'gzip'],
      threshold: 512,
    }),
  ],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    reportCompressedSize: true,
    // The content security policy allows fonts and images from files alone.
    assetsInlineLimit: 0,
  },
  // Grammars are chunks of the worker, loaded as they are needed.
  worker: { format: 'es' },
  server: {
    port: 5173,
    strictPort: false,
    proxy: { '/graphql': toApi, '/api': toApi, '/docs': toApi },
  },
});
