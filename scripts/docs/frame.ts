/** What is around the text of each page: title, menu, what comes next. */
import { markup, type Html } from './markup.ts';

export interface MenuEntry {
  title: string;
  address: string;
}

export interface Menu {
  guides: readonly MenuEntry[];
  reference: readonly MenuEntry[];
  more: readonly MenuEntry[];
}

export interface Framed {
  title: string;
  /** Null: of a page that is at no address of its own. */
  address: string | null;
  body: Html;
}

export function renderFrame({ title, address, body }: Framed, menu: Menu): string {
  return markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="dark light" />
        <title>${title} · Confab API</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/docs/docs.css" />
        <script src="/theme.js"></script>
        <script src="/docs/docs.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#text">Skip to the text</a>
        <header>
          <a class="brand" href="/docs"><img src="/favicon.svg" alt="" width="20" height="20" /> Confab API</a>
          <nav aria-label="Confab">
            <a href="/graphql">GraphiQL</a>
            <a href="/">Open Confab</a>
          </nav>
        </header>
        <div class="columns">
          <details class="menu">
            <summary>${title}</summary>
            <nav aria-label="Pages">
              ${list('Guides', menu.guides, address)} ${list('Reference', menu.reference, address)}
              ${list('More', menu.more, address)}
            </nav>
          </details>
          <main id="text" tabindex="-1">${body} ${nextOf(menu.guides, address)}</main>
        </div>
      </body>
    </html>
`.text;
}

function list(title: string, entries: readonly MenuEntry[], current: string | null): Html {
  const rows = entries.map((entry) => {
    const isCurrent = entry.address === current && markup` aria-current="page"`;
    return markup`<li><a href="${entry.address}"${isCurrent}>${entry.title}</a></li>`;
  });
  return markup`<p>${title}</p>
    <ul>${rows}</ul>`;
}

function nextOf(guides: readonly MenuEntry[], address: string | null): Html | null {
  const index = guides.findIndex((guide) => guide.address === address);
  const next = index < 0 ? undefined : guides[index + 1];
  return next ? markup`<p class="next">Next: <a href="${next.address}">${next.title}</a></p>` : null;
}
