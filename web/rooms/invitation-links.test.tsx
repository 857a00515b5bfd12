import { render } from '@solidjs/testing-library';
import { createSignal } from 'solid-js';
import { expect, test } from 'vitest';

import type { RoomActions } from './create-room-actions';
import type { Invitation } from './create-room-details';
import { InvitationLinks } from './invitation-links';

test('a new link appears together with its row in the list, so that nothing below moves twice', async () => {
  const [invitations, setInvitations] = createSignal<Invitation[]>([]);
  const reloaded = Promise.withResolvers<void>();
  const made = { id: 'made', link: 'https://confab.example/join/rm_1' };
  const page = render(() => (
    <InvitationLinks
      roomId="room"
      invitations={invitations()}
      actions={{ invite: () => Promise.resolve(made) } as unknown as RoomActions}
      onChange={() => reloaded.promise}
    />
  ));
  page.getByRole('button', { name: 'Create a link' }).click();
  await Promise.resolve();
  await Promise.resolve();
  expect(page.queryByLabelText('Invitation link')).toBeNull();
  setInvitations([{ id: 'made', uses: 0, maxUses: 20, expiresAt: '2026-12-07T00:00:00.000Z' }]);
  reloaded.resolve();
  await expect.poll(() => page.queryByLabelText('Invitation link')).not.toBeNull();
  expect(page.getAllByRole('button', { name: 'Revoke' })).toHaveLength(1);
});
