import { Show } from 'solid-js';
import { sayError } from '../graphql/failure-words';
import { t } from '../i18n';
import { threadWords } from './words';
import { Button } from '../ui/button';
import { EmptyState, Notice } from '../ui/notice';
import type { Thread } from './create-thread';
import { useChatPlace } from './place';

/** The upper end of what is shown: more is on its way, or this is all, or it could not be had. */
export function ThreadTop(props: { thread: Thread; hasOutgoing: boolean }) {
  const place = useChatPlace();
  const isEmpty = () => props.thread.messages().length === 0 && !props.hasOutgoing;
  return (
    <>
      <Show when={props.thread.error()}>
        {(error) => (
          <Notice
            tone="danger"
            actions={
              <Button isSmall onClick={props.thread.retry}>
                {t().common.retry}
              </Button>
            }
          >
            {sayError(error())}
          </Notice>
        )}
      </Show>
      <Show when={props.thread.hasMoreAbove()}>
        <div class="flex justify-center" data-edge>
          <Button look="quiet" isSmall onClick={props.thread.loadAbove}>
            {props.thread.loading() === 'above' ? threadWords().older : t().common.loadMore}
          </Button>
        </div>
      </Show>
      <Show when={props.thread.isLoading()}>
        <Skeleton />
      </Show>
      <Show when={!props.thread.isLoading() && !props.thread.error() && isEmpty()}>
        <EmptyState
          title={threadWords().noMessages}
          hint={place.isRoom() ? threadWords().emptyRoomHint : threadWords().emptyHint}
        />
      </Show>
    </>
  );
}

/** The lower end of a window that does not reach the newest message. */
export function ThreadBottom(props: { thread: Thread }) {
  return (
    <Show when={props.thread.hasMoreBelow()}>
      <div class="flex justify-center" data-edge>
        <Button look="quiet" isSmall onClick={props.thread.loadBelow}>
          {props.thread.loading() === 'below' ? threadWords().newer : t().common.loadMore}
        </Button>
      </div>
    </Show>
  );
}

/** Says that what was asked for by its address is on another branch, or nowhere. */
export function AnchorNotice(props: { thread: Thread; onSelect: (messageId: string) => void }) {
  return (
    <Show when={props.thread.anchorElsewhere() ?? props.thread.isAnchorMissing()}>
      <div class="mx-auto w-full max-w-[48rem] px-5 pt-2 max-md:px-4">
        <Show
          when={props.thread.anchorElsewhere()}
          fallback={<Notice tone="quiet">{threadWords().anchorMissing}</Notice>}
        >
          {(messageId) => (
            <Notice
              tone="quiet"
              actions={
                <Button isSmall onClick={() => props.onSelect(messageId())}>
                  {threadWords().selectBranch}
                </Button>
              }
            >
              {threadWords().anchorElsewhere}
            </Notice>
          )}
        </Show>
      </div>
    </Show>
  );
}

function Skeleton() {
  return (
    <div role="status" class="flex flex-col gap-6">
      <span class="sr-only">{t().app.loading}</span>
      <div class="h-11 w-1/2 self-end rounded-2xl bg-panel" />
      <div class="flex flex-col gap-3">
        <div class="h-4 w-4/5 rounded bg-panel" />
        <div class="h-4 w-3/5 rounded bg-panel" />
        <div class="h-4 w-2/3 rounded bg-panel" />
      </div>
    </div>
  );
}
