import type { CombinedError } from '@urql/core';
import { createEffect, onCleanup, Show } from 'solid-js';

import { sayError } from '../graphql/failure-words';
import { t } from '../i18n';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';

interface ListEndProps {
  hasMore: boolean;
  isLoading: boolean;
  error: CombinedError | undefined;
  onLoad: () => void;
}

/** Loads the next page before the reader comes to the end of what is loaded. */
export function ListEnd(props: ListEndProps) {
  let end: HTMLElement | undefined;
  const canLoad = () => props.hasMore && !props.isLoading && !props.error;
  // An observer reports once what is in view already: a new one after each page checks whether that was enough.
  createEffect(() => {
    if (!end || !canLoad()) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && props.onLoad(),
      {
        root: end.parentElement,
        rootMargin: '50% 0px',
      },
    );
    observer.observe(end);
    onCleanup(() => observer.disconnect());
  });
  return (
    <div ref={(element) => (end = element)} class="min-h-px">
      <Show when={props.hasMore && props.isLoading}>
        <p role="status" class="py-2 text-center text-tiny text-ink-faint">
          {t().app.loading}
        </p>
      </Show>
      <Show when={props.hasMore && props.error}>
        {(error) => <ListFailure error={error()} onRetry={props.onLoad} />}
      </Show>
    </div>
  );
}

export function ListFailure(props: { error: CombinedError; onRetry: () => void }) {
  return (
    <Notice
      tone="danger"
      class="mx-1"
      actions={
        <Button isSmall onClick={() => props.onRetry()}>
          {t().common.retry}
        </Button>
      }
    >
      {sayError(props.error)}
    </Notice>
  );
}
