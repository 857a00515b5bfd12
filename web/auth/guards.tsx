import { Navigate, useLocation } from '@solidjs/router';
import { Show, type JSX } from 'solid-js';
import { NotFoundPage } from '../ui/not-found-page';
import { useSession } from './session';

/** Lets only people who are signed in through; the others come back here after they have signed in. */
export function SignedIn(props: { children?: JSX.Element }) {
  const { viewer, server } = useSession();
  const location = useLocation();
  const door = () => {
    if (server().needsFirstAccount) return '/sign-up';
    const next = encodeURIComponent(location.pathname + location.search);
    return `/sign-in?next=${next}`;
  };
  return (
    <Show when={viewer()} fallback={<Navigate href={door()} />}>
      {props.children}
    </Show>
  );
}

/** To anyone else an administrator's page is not there. */
export function AdministratorOnly(props: { children?: JSX.Element }) {
  const { viewer } = useSession();
  return (
    <Show when={viewer()?.role === 'ADMIN'} fallback={<NotFoundPage />}>
      {props.children}
    </Show>
  );
}

/** Only an address of our own: what stands in the query was written by anyone. */
export function safeNext(next: string | undefined): string {
  return next?.startsWith('/') && !/^\/[/\\]/.test(next) ? next : '/chat';
}
