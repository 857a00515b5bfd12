import Ellipsis from 'lucide-solid/icons/ellipsis';
import LogOut from 'lucide-solid/icons/log-out';
import X from 'lucide-solid/icons/x';
import { createSignal, For, Show, type JSX } from 'solid-js';

import { useViewer } from '../auth/session';
import type { MemberRole } from '../generated/graphql';
import { t } from '../i18n';
import type { Chat } from '../store/chat-fragments';
import { Avatar } from '../ui/avatar';
import { Button, IconButton, iconButtonShape } from '../ui/button';
import { CopyButton } from '../ui/copy-button';
import { ConfirmDialog } from '../ui/dialog';
import { inputShape } from '../ui/field';
import { Menu, MenuItem, MenuSeparator } from '../ui/menu';
import { AddPeople } from './add-people';
import { createRoomActions, type RoomActions } from './create-room-actions';
import { createRoomDetails, type Invitation, type Member } from './create-room-details';
import { NotificationSettings } from './notification-settings';
import { RoomAgents } from './room-agents';
import { RoomSessions } from './room-sessions';
import { RoomHistory } from './room-history';
import { RoomSettings } from './room-settings';
import { PresenceDot } from './presence-dot';
import { roomWords } from './words';

/** Beside a room: who is in it, how others come in, and the way out. */
export default function RoomPanel(props: { room: Chat; onClose: () => void; onShow: (messageId: string) => void }) {
  const actions = createRoomActions();
  const { details, reload, showMoreMembers } = createRoomDetails(() => props.room);
  const may = (action: Chat['viewerCan'][number]) => props.room.viewerCan.includes(action);
  const [isLeaving, setLeaving] = createSignal(false);
  return (
    <aside
      aria-label={roomWords().panel}
      class="flex h-full w-84 shrink-0 flex-col border-l border-line bg-panel max-lg:fixed max-lg:inset-y-0 max-lg:right-0 max-lg:z-40 max-lg:w-[min(24rem,100vw)] max-lg:shadow-lift"
    >
      <div class="flex h-12 shrink-0 items-center border-b border-line pr-2 pl-4">
        <h2 class="flex-1 font-semibold">{roomWords().members(props.room.memberCount)}</h2>
        <IconButton label={t().common.close} onClick={() => props.onClose()}>
          <X size={16} aria-hidden="true" />
        </IconButton>
      </div>
      <div class="flex min-h-0 flex-1 flex-col gap-6 overflow-y-auto px-4 py-4">
        <Show when={props.room.topic}>
          {(topic) => (
            <p class="text-small text-ink-soft" dir="auto">
              {topic()}
            </p>
          )}
        </Show>
        <ul class="flex flex-col gap-1">
          <For each={details.members}>
            {(member) => <MemberRow member={member} room={props.room} actions={actions} />}
          </For>
        </ul>
        <Show when={details.hasMoreMembers}>
          <Button isSmall class="self-start" onClick={showMoreMembers}>
            {roomWords().moreMembers}
          </Button>
        </Show>
        <PanelSection title={roomWords().agents}>
          <RoomAgents room={props.room} agents={details.agents} actions={actions} />
          <RoomSessions room={props.room} onShow={props.onShow} />
        </PanelSection>
        <Show when={may('INVITE')}>
          <PanelSection title={roomWords().add}>
            <AddPeople
              memberIds={new Set(details.members.map(({ id }) => id))}
              onAdd={({ id }) => void actions.add(props.room.id, id)}
            />
          </PanelSection>
          <PanelSection title={roomWords().invite}>
            <InvitationLinks
              roomId={props.room.id}
              invitations={details.invitations}
              actions={actions}
              onChange={reload}
            />
          </PanelSection>
        </Show>
        <PanelSection title={roomWords().notifications}>
          <NotificationSettings room={props.room} />
        </PanelSection>
        <PanelSection title={roomWords().settings}>
          <Show when={details.access}>
            {(access) => <RoomSettings room={props.room} access={access()} actions={actions} onChange={reload} />}
          </Show>
          <Show when={details.history}>
            {(history) => <RoomHistory room={props.room} history={history()} actions={actions} onChange={reload} />}
          </Show>
          <div class="flex flex-wrap gap-2">
            <Show when={may('CLOSE') || may('REOPEN')}>
              <Button
                isSmall
                onClick={() => void actions.update({ id: props.room.id, isClosed: props.room.closedAt === null })}
              >
                {props.room.closedAt ? roomWords().reopen : roomWords().close}
              </Button>
            </Show>
            <Show when={may('LEAVE')}>
              <Button isSmall look="danger" onClick={() => setLeaving(true)}>
                <LogOut size={14} aria-hidden="true" />
                {roomWords().leave}
              </Button>
            </Show>
          </div>
        </PanelSection>
      </div>
      <ConfirmDialog
        isOpen={isLeaving()}
        onClose={() => setLeaving(false)}
        title={roomWords().leave}
        hint={roomWords().leaveHint}
        closeLabel={t().common.close}
        cancel={t().common.cancel}
        answer={roomWords().leaveAnswer}
        isDangerous
        onAnswer={() => {
          setLeaving(false);
          void actions.leave(props.room.id);
        }}
      />
    </aside>
  );
}

function PanelSection(props: { title: string; children: JSX.Element }) {
  return (
    <section class="flex flex-col gap-2">
      <h3 class="text-small font-medium text-ink-faint">{props.title}</h3>
      {props.children}
    </section>
  );
}

function MemberRow(props: { member: Member; room: Chat; actions: RoomActions }) {
  const viewer = useViewer();
  const isViewer = () => props.member.person.id === viewer().person.id;
  const [asking, setAsking] = createSignal<'owner' | 'ban' | null>(null);
  const setRole = (role: MemberRole) => void props.actions.setRole(props.room.id, props.member.person.id, role);
  const canRemove = () =>
    !isViewer() &&
    props.room.viewerCan.includes('REMOVE_MEMBERS') &&
    (props.member.role === 'MEMBER' || (props.member.role === 'MODERATOR' && props.room.viewerRole === 'OWNER'));
  const roles = () =>
    props.room.viewerCan.includes('SET_ROLES') && (props.member.role !== 'OWNER' || isViewer())
      ? (['OWNER', 'MODERATOR', 'MEMBER'] as const).filter((role) => role !== props.member.role)
      : [];
  return (
    <li class="flex min-h-10 items-center gap-3">
      <div class="relative">
        <Avatar name={props.member.person.name} color={props.member.person.avatarColor} />
        <PresenceDot personId={props.member.person.id} />
      </div>
      <div class="min-w-0 flex-1">
        <p class="truncate">
          {props.member.person.name}
          <Show when={isViewer()}> ({roomWords().you})</Show>
        </p>
        <p class="truncate text-tiny text-ink-faint">
          @{props.member.person.handle}
          <Show when={props.member.role !== 'MEMBER'}>{` · ${roomWords().roles[props.member.role]}`}</Show>
        </p>
      </div>
      <Show when={canRemove() || roles().length > 0}>
        <Menu
          label={roomWords().memberActions(props.member.person.name)}
          triggerClass={iconButtonShape}
          trigger={<Ellipsis size={16} aria-hidden="true" />}
        >
          <For each={roles()}>
            {(role) => (
              <MenuItem onSelect={() => (role === 'OWNER' ? setTimeout(() => setAsking('owner')) : setRole(role))}>
                {roomWords().makeRole[role]}
              </MenuItem>
            )}
          </For>
          <Show when={canRemove()}>
            <MenuSeparator />
            <MenuItem
              isDangerous
              onSelect={() => void props.actions.remove(props.room.id, props.member.person.id, false)}
            >
              {roomWords().remove}
            </MenuItem>
            <MenuItem isDangerous onSelect={() => setTimeout(() => setAsking('ban'))}>
              {roomWords().ban}
            </MenuItem>
          </Show>
        </Menu>
      </Show>
      <ConfirmDialog
        isOpen={asking() === 'owner'}
        onClose={() => setAsking(null)}
        title={roomWords().makeOwnerTitle(props.member.person.name)}
        hint={roomWords().makeOwnerHint}
        closeLabel={t().common.close}
        cancel={t().common.cancel}
        answer={roomWords().makeRole.OWNER}
        onAnswer={() => {
          setAsking(null);
          setRole('OWNER');
        }}
      />
      <ConfirmDialog
        isOpen={asking() === 'ban'}
        onClose={() => setAsking(null)}
        title={roomWords().banTitle(props.member.person.name)}
        hint={roomWords().banHint}
        closeLabel={t().common.close}
        cancel={t().common.cancel}
        answer={roomWords().ban}
        isDangerous
        onAnswer={() => {
          setAsking(null);
          void props.actions.remove(props.room.id, props.member.person.id, true);
        }}
      />
    </li>
  );
}

interface InvitationLinksProps {
  roomId: string;
  invitations: readonly Invitation[];
  actions: RoomActions;
  onChange: () => void;
}

function InvitationLinks(props: InvitationLinksProps) {
  const [link, setLink] = createSignal<string | null>(null);

  async function make() {
    setLink(await props.actions.invite(props.roomId));
    props.onChange();
  }

  async function revokeAll() {
    for (const { id } of props.invitations) await props.actions.revoke(id);
    setLink(null);
    props.onChange();
  }

  return (
    <>
      <Show
        when={link()}
        fallback={
          <Button isSmall class="self-start" onClick={() => void make()}>
            {roomWords().makeLink}
          </Button>
        }
      >
        {(address) => (
          <div class="flex items-center gap-1">
            <input
              class={`${inputShape} h-9 min-w-0 flex-1 font-mono text-small!`}
              aria-label={roomWords().link}
              readonly
              value={address()}
              onFocus={(event) => event.currentTarget.select()}
            />
            <CopyButton label={roomWords().copyLink} doneLabel={t().common.copied} text={address} />
          </div>
        )}
      </Show>
      <p class="text-tiny text-ink-faint">{roomWords().inviteHint}</p>
      <Show when={props.invitations.length > 0}>
        <div class="flex items-center gap-2 text-small text-ink-soft">
          <span class="flex-1">{roomWords().openLinks(props.invitations.length)}</span>
          <Button isSmall look="quiet" onClick={() => void revokeAll()}>
            {roomWords().revoke}
          </Button>
        </div>
      </Show>
    </>
  );
}
