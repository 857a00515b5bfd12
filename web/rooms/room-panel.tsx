import Ellipsis from 'lucide-solid/icons/ellipsis';
import LogOut from 'lucide-solid/icons/log-out';
import { createSignal, For, Show, type JSX } from 'solid-js';

import { useViewer } from '../auth/session';
import type { MemberRole } from '../generated/graphql';
import { t } from '../i18n';
import type { Chat } from '../store/chat-fragments';
import { AgentMark } from '../ui/agent-mark';
import { Avatar } from '../ui/avatar';
import { Button, iconButtonShape } from '../ui/button';
import { ConfirmDialog } from '../ui/dialog';
import { Menu, MenuItem, MenuSeparator } from '../ui/menu';
import { createNarrowScreen, SidePanel } from '../ui/side-panel';
import { AddPeople } from './add-people';
import { createRoomActions, type RoomActions } from './create-room-actions';
import { createRoomDetails, type Member } from './create-room-details';
import { InvitationLinks } from './invitation-links';
import { LeaveDialog } from './leave-dialog';
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
  const isNarrow = createNarrowScreen();

  function show(messageId: string) {
    if (isNarrow()) props.onClose();
    props.onShow(messageId);
  }

  return (
    <SidePanel label={roomWords().panel} title={roomWords().members(props.room.memberCount)} onClose={props.onClose}>
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
      {/* With the members, who would otherwise push down what one is about to click. */}
      <Show when={details.history !== null}>
        <PanelSection title={roomWords().agents}>
          <RoomAgents room={props.room} agents={details.agents} actions={actions} />
          <RoomSessions room={props.room} onShow={show} />
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
            {(access) => (
              <RoomSettings room={props.room} access={access()} actions={actions} onChange={() => void reload()} />
            )}
          </Show>
          <Show when={details.history}>
            {(history) => (
              <RoomHistory room={props.room} history={history()} actions={actions} onChange={() => void reload()} />
            )}
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
      </Show>
      <LeaveDialog room={props.room} isOpen={isLeaving()} onClose={() => setLeaving(false)} />
    </SidePanel>
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
        <Avatar
          name={props.member.person.name}
          color={props.member.person.avatarColor}
          isAgent={props.member.person.isAgent}
        />
        <PresenceDot personId={props.member.person.id} />
      </div>
      <div class="min-w-0 flex-1">
        <p class="flex items-baseline gap-2">
          <span class="truncate">
            {props.member.person.name}
            <Show when={isViewer()}> ({roomWords().you})</Show>
          </span>
          <Show when={props.member.person.isAgent}>
            <AgentMark />
          </Show>
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
