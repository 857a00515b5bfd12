import { createQuery, useClient } from '@urql/solid';
import {
  createContext,
  createEffect,
  createMemo,
  Match,
  on,
  Switch,
  useContext,
  type Accessor,
  type JSX,
} from 'solid-js';
import { graphql } from '../generated';
import type { SessionQuery } from '../generated/graphql';
import { fetchFresh, hasSessionEnded, outsideOfSession } from '../graphql/client';
import { sayError } from '../graphql/failure-words';
import { chooseLanguage, t } from '../i18n';
import { failureWords } from '../graphql/words';
import { Button } from '../ui/button';
import { EmptyState } from '../ui/notice';
import { chooseTheme } from '../ui/theme';
import { createSessionWatch, type SessionWatch } from './session-watch';

const Session = graphql(`
  query Session {
    viewer {
      ...ViewerFields
    }
    server {
      version
      signUp
      needsFirstAccount
      hasModelKey
    }
  }

  fragment ViewerFields on User {
    id
    name
    email
    role
    locale
    theme
    maxChats
    person {
      id
      handle
      avatarColor
    }
  }
`);

const SignedInViewer = graphql(`
  query SignedInViewer {
    viewer {
      id
    }
  }
`);

export type Viewer = NonNullable<SessionQuery['viewer']>;

interface SessionContext extends SessionWatch {
  /** Whose page this is, also after their session has ended: what they have before them stays. Null while signed out. */
  viewer: Accessor<Viewer | null>;
  server: Accessor<SessionQuery['server']>;
  refresh: () => void;
}

const Context = createContext<SessionContext>();

export function useSession(): SessionContext {
  const session = useContext(Context);
  if (!session) throw new Error('useSession is called outside of SessionProvider.');
  return session;
}

/** The viewer, in places that only someone signed in reaches. */
export function useViewer(): Accessor<Viewer> {
  const { viewer } = useSession();
  return () => {
    const person = viewer();
    if (!person) throw new Error('useViewer is called where nobody is signed in.');
    return person;
  };
}

export function SessionProvider(props: { children: JSX.Element }) {
  const client = useClient();
  const [result, run] = createQuery<SessionQuery>({ query: Session });
  // A later fetch that fails has no data: then the page keeps what it knew.
  const known = createMemo<SessionQuery | undefined>((last) => result.data ?? last);
  const refresh = () => run({ requestPolicy: 'network-only' });

  const viewer = createMemo<Viewer | null>((last) => {
    const found = known()?.viewer ?? null;
    return hasSessionEnded() ? (found ?? last) : found;
  }, null);
  const watch = createSessionWatch({
    viewerId: () => viewer()?.id ?? null,
    ask: async () => {
      const { data, error } = await fetchFresh(client, SignedInViewer, {}, outsideOfSession);
      if (error || !data) throw new Error('It could not be asked who is signed in.', { cause: error });
      return data.viewer?.id ?? null;
    },
    onSignIn: refresh,
    onOtherPerson: () => window.location.assign('/chat'),
  });

  createEffect(
    on(
      () => known()?.viewer,
      (viewer) => {
        if (!viewer) return;
        if (viewer.locale) chooseLanguage(viewer.locale === 'RU' ? 'ru' : 'en');
        chooseTheme(viewer.theme);
      },
    ),
  );

  return (
    <Switch fallback={<Splash />}>
      <Match when={known()}>
        {(data) => (
          <Context.Provider
            value={{
              viewer,
              server: () => data().server,
              refresh,
              ...watch,
            }}
          >
            {props.children}
          </Context.Provider>
        )}
      </Match>
      <Match when={result.error}>
        {(error) => (
          <main class="grid h-full place-items-center">
            <EmptyState title={failureWords().load} hint={sayError(error())}>
              <Button class="mt-3" onClick={refresh}>
                {t().common.retry}
              </Button>
            </EmptyState>
          </main>
        )}
      </Match>
    </Switch>
  );
}

function Splash() {
  return (
    <div class="grid h-full place-items-center" role="status">
      <span class="sr-only">{t().app.loading}</span>
    </div>
  );
}
