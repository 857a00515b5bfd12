/** Two people in two browsers and an agent, behind nginx as shipped: whatever breaks in the midst of an answer, both end with the same. */
import type { Browser, Page } from '@playwright/test';

import { Cluster } from '../../api/testing/cluster.ts';
import { says } from '../../api/testing/model-server.ts';
import { ask, expect, post, send, test as base, thread } from './confab.ts';
import { Line } from './line.ts';

const test = base.extend<object, { cluster: Cluster }>({
  cluster: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      // Deaths are noticed after four beats.
      await using cluster = await Cluster.start({ nodes: 2, settings: { NODE_BEAT_MS: '1000', METRICS: 'open' } });
      await use(cluster);
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});

async function signedIn(browser: Browser, url: string, name: string): Promise<Page> {
  const context = await browser.newContext({ baseURL: url });
  const page = await context.newPage();
  const email = `${crypto.randomUUID()}@example.org`;
  await post(page.request, url, '/api/auth/sign-up/email', { name, email, password: 'correct horse battery' });
  return page;
}

/** What stands in the room, message by message, without what differs between its readers. */
function wordsIn(page: Page): Promise<string[]> {
  return thread(page).locator('article').allInnerTexts();
}

/** How many pages follow their feed at this node. */
async function feedsAt(nodeUrl: string): Promise<number> {
  const metrics = await (await fetch(`${nodeUrl}/metrics`)).text();
  return Number(/^confab_streams_open\{subscription="feed"\} (\d+)$/m.exec(metrics)?.[1] ?? 0);
}

test(
  'a reload, a lost network and a killed node in the midst of an answer leave both with the same room',
  { tag: '@long' },
  async ({ browser, cluster }) => {
    test.setTimeout(180_000);
    await using line = await Line.to(cluster.url);
    const [ann, bob] = await Promise.all([
      signedIn(browser, line.url, 'Ann Lee'),
      signedIn(browser, cluster.url, 'Bob Brown'),
    ]);
    const { viewer } = await ask<{ viewer: { person: { id: string } } }>(
      bob,
      cluster.url,
      '{ viewer { person { id } } }',
    );
    const { agents } = await ask<{ agents: { id: string; handle: string }[] }>(
      ann,
      line.url,
      '{ agents { id handle } }',
    );
    const agentIds = agents.filter(({ handle }) => handle === 'claude').map(({ id }) => id);
    const { createRoom } = await ask<{ createRoom: { chat: { id: string } } }>(
      ann,
      line.url,
      'mutation Make($input: CreateRoomInput!) { createRoom(input: $input) { ... on CreateRoomPayload { chat { id } } } }',
      { input: { title: 'Launch', personIds: [viewer.person.id], agentIds } },
    );
    const chatId = createRoom.chat.id;
    await Promise.all([ann.goto(`/chat/${chatId}`), bob.goto(`/chat/${chatId}`)]);
    await send(bob, 'Good morning!');
    await expect(thread(ann)).toContainText('Good morning!');

    // The node that takes a question performs its run.
    const held = cluster.model.hold();
    const say = 'mutation Say($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }';
    const input = { chatId, content: '@claude, when do we launch?', clientId: crypto.randomUUID() };
    await ask(ann, cluster.node(0).url, say, { input });
    await held.arrived;
    held.begin().write('On Friday, ');
    const answer = (page: Page) => thread(page).getByRole('article', { name: 'Claude' }).last();
    for (const page of [ann, bob]) await expect(answer(page)).toContainText('On Friday,');

    await bob.reload();
    await expect(answer(bob)).toContainText('On Friday,');
    line.cut();
    held.write('at noon, ');
    await expect(answer(bob)).toContainText('at noon,');
    await send(bob, 'Sounds good.');
    await expect(thread(bob)).toContainText('Sounds good.');
    for (const words of ['at noon', 'Sounds good']) await expect(thread(ann)).not.toContainText(words);
    line.mend();
    await expect(answer(ann)).toContainText('On Friday, at noon,');
    await expect(thread(ann)).toContainText('Sounds good.');

    // One of the pages loses the node that it is connected to, whichever nginx gave it.
    await expect
      .poll(async () => {
        const count = await feedsAt(cluster.node(0).url);
        if (count === 0) await bob.reload();
        return count;
      })
      .toBeGreaterThan(0);
    await expect(answer(bob)).toContainText('On Friday, at noon,');
    await cluster.killNode(0);
    for (const page of [ann, bob])
      await expect(answer(page)).toContainText(/server stopped|interrupted/i, { timeout: 60_000 });
    cluster.model.next(says('On Friday at noon.'));
    await thread(ann)
      .getByRole('article', { name: 'Claude' })
      .last()
      .getByRole('button', { name: 'Answer again' })
      .click();
    await ann.getByRole('menuitem', { name: 'Answer again' }).click();
    for (const page of [ann, bob]) {
      await expect(answer(page)).toContainText('On Friday at noon.', { timeout: 60_000 });
      // Its tools, the time among them, are shown once it has ended.
      await expect(answer(page).getByRole('button', { name: 'Copy answer' })).toBeAttached({ timeout: 60_000 });
    }

    const known = await wordsIn(ann);
    expect(known.length).toBeGreaterThan(4);
    // Character by character, in both pages and after a reload.
    await expect.poll(() => wordsIn(bob)).toEqual(known);
    await Promise.all([ann.reload(), bob.reload()]);
    for (const page of [ann, bob]) await expect.poll(() => wordsIn(page)).toEqual(known);
    await Promise.all([ann.context().close(), bob.context().close()]);
  },
);
