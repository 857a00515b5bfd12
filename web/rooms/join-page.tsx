import { createQuery } from '@urql/solid';
import { A, useParams } from '@solidjs/router';
import { createSignal, Show } from 'solid-js';

import { useSession } from '../auth/session';
import { SignedOutFrame } from '../auth/signed-out-frame';
import { authWords } from '../auth/words';
import { graphql } from '../generated';
import type { InvitationPreviewQuery } from '../generated/graphql';
import { sayError } from '../graphql/failure-words';
import { Button, buttonShape } from '../ui/button';
import { Notice } from '../ui/notice';
import { createRoomActions } from './create-room-actions';
import { roomWords } from './words';

const InvitationPreview = graphql(`
  query InvitationPreview($token: String!) {
    invitation(token: $token) {
      invitedBy
      room {
        title
        topic
        memberCount
      }
    }
  }
`);

/** Where the link of an invitation leads, also for people without an account. */
export default function JoinPage() {
  const params = useParams<{ token: string }>();
  const [result] = createQuery({ query: InvitationPreview, variables: () => ({ token: params.token }) });
  return (
    <Show
      when={result.data}
      fallback={<Show when={result.error}>{(error) => <Notice tone="danger">{sayError(error())}</Notice>}</Show>}
    >
      <Show
        when={result.data?.invitation}
        fallback={
          <SignedOutFrame title={roomWords().invalid} hint={roomWords().invalidHint}>
            <A
              href="/chat"
              class="inline-flex items-center text-accent underline underline-offset-4 touch:min-h-10 touch:min-w-10"
            >
              Confab
            </A>
          </SignedOutFrame>
        }
      >
        {(invitation) => <Invited invitation={invitation()} token={params.token} />}
      </Show>
    </Show>
  );
}

function Invited(props: { invitation: NonNullable<InvitationPreviewQuery['invitation']>; token: string }) {
  const { viewer, server } = useSession();
  const actions = createRoomActions();
  const [isJoining, setJoining] = createSignal(false);
  const next = () => `?next=${encodeURIComponent(`/join/${props.token}`)}`;
  const title = () =>
    props.invitation.invitedBy ? roomWords().invited(props.invitation.invitedBy) : roomWords().invitedByNobody;

  async function join() {
    setJoining(true);
    await actions.accept(props.token);
    setJoining(false);
  }

  return (
    <SignedOutFrame title={title()} hint={viewer() ? '' : roomWords().signInFirst}>
      <div class="mb-6 rounded-lg border border-line bg-panel px-4 py-3">
        <p class="font-medium" dir="auto">
          {props.invitation.room.title}
        </p>
        <p class="text-small text-ink-faint">
          {roomWords().members(props.invitation.room.memberCount)}
          <Show when={props.invitation.room.topic}>{(topic) => ` · ${topic()}`}</Show>
        </p>
      </div>
      <Show
        when={viewer()}
        fallback={
          <div class="flex flex-col gap-3">
            <Show when={server().signUp === 'OPEN'}>
              <A href={`/sign-up${next()}`} class={buttonShape('primary')}>
                {authWords().signUp}
              </A>
            </Show>
            <A href={`/sign-in${next()}`} class={buttonShape(server().signUp === 'OPEN' ? 'plain' : 'primary')}>
              {authWords().signIn}
            </A>
          </div>
        }
      >
        <Button look="primary" class="w-full" disabled={isJoining()} onClick={() => void join()}>
          {roomWords().join}
        </Button>
      </Show>
    </SignedOutFrame>
  );
}
