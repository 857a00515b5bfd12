import { Navigate, Route, Router, type RouteSectionProps } from '@solidjs/router';
import { Provider } from '@urql/solid';
import { lazy, Show, Suspense } from 'solid-js';
import { AdministratorOnly, SignedIn } from './auth/guards';
import { SessionProvider, useSession } from './auth/session';
import { SessionEnded } from './auth/session-ended';
import { createAnswerMarks } from './chats/answer-marks';
import ChatPage from './chats/chat-page';
import { createNotifications } from './chats/create-notifications';
import { CommandCenter } from './frame/command-center';
import { createPageUpdate } from './frame/create-page-update';
import { createThreadPreload } from './frame/create-thread-preload';
import WorkspacePage from './frame/workspace-page';
import { createFeed, FeedProvider, useFeed } from './feed/create-feed';
import { createClient, hasSessionEnded } from './graphql/client';
import { t } from './i18n';
import { createAutomaticSending } from './messages/create-automatic-sending';
import { newChatQueue } from './messages/new-chat-outbox';
import { outboxQueue } from './messages/outbox';
import { composerWords } from './messages/words';
import { createDropGuard } from './ui/file-drop';
import { NotFoundPage } from './ui/not-found-page';
import { toast, Toasts } from './ui/toasts';

const SignInPage = lazy(() => import('./auth/sign-in-page'));
const SignUpPage = lazy(() => import('./auth/sign-up-page'));
const SettingsPage = lazy(() => import('./settings/settings-page'));
const TokensPage = lazy(() => import('./settings/tokens-page'));
const AdminPage = lazy(() => import('./admin/admin-page'));
const PrimaryContextPage = lazy(() => import('./admin/primary-context-page'));
const RoomsPage = lazy(() => import('./rooms/rooms-page'));
const JoinPage = lazy(() => import('./rooms/join-page'));
const AgentsPage = lazy(() => import('./admin/agents-page'));
const ServiceAgentsPage = lazy(() => import('./admin/service-agents-page'));
const AuditPage = lazy(() => import('./audit/audit-page'));

/** The routes are the sitemap. */
export function App() {
  return (
    <Provider value={createClient()}>
      <SessionProvider>
        <Router root={Frame}>
          <Route path="/" component={() => <Navigate href="/chat" />} />
          <Route path="/sign-in" component={SignInPage} />
          <Route path="/sign-up" component={SignUpPage} />
          <Route path="/join/:token" component={JoinPage} />
          <Route component={SignedIn}>
            <Route path="/chat" component={WorkspacePage}>
              <Route path="/rooms" component={RoomsPage} />
              <Route path="/:id?" component={ChatPage} />
            </Route>
            <Route path="/settings" component={SettingsPage} />
            <Route path="/settings/tokens" component={TokensPage} />
            <Route component={AdministratorOnly}>
              <Route path="/admin/audit" component={AuditPage} />
              <Route path="/admin" component={AdminPage}>
                <Route path="/" component={() => <Navigate href="/admin/context" />} />
                <Route path="/context" component={PrimaryContextPage} />
                <Route path="/agents" component={AgentsPage} />
                <Route path="/service-agents" component={ServiceAgentsPage} />
              </Route>
            </Route>
          </Route>
          <Route path="*" component={NotFoundPage} />
        </Router>
      </SessionProvider>
    </Provider>
  );
}

function Frame(props: RouteSectionProps) {
  const { viewer } = useSession();
  createDropGuard(() => toast(composerWords().noDrop));
  const feed = createFeed(() => !!viewer() && !hasSessionEnded());
  createPageUpdate(feed.serverPageVersion);
  return (
    <FeedProvider value={feed}>
      <Suspense>{props.children}</Suspense>
      <Show when={viewer()?.id} keyed>
        {(viewerId) => <OnEveryPage viewerId={viewerId} />}
      </Show>
      <Show when={viewer()}>
        <CommandCenter />
      </Show>
      <SessionEnded />
      <Toasts dismissLabel={t().common.dismiss} />
    </FeedProvider>
  );
}

/** What runs on every page while a person is signed in. */
function OnEveryPage(props: { viewerId: string }) {
  const feed = useFeed();
  // oxlint-disable-next-line solid/reactivity -- it is recreated for every person
  const { viewerId } = props;
  createAutomaticSending(feed, [outboxQueue(feed, viewerId), newChatQueue(feed, viewerId)]);
  createAnswerMarks(viewerId);
  createNotifications();
  createThreadPreload();
  return null;
}
