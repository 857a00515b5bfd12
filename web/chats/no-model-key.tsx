import { t } from '../i18n';
import { Notice } from '../ui/notice';

export function NoModelKey(props: { class?: string }) {
  return (
    <Notice tone="warning" class={props.class ?? ''}>
      <span class="font-medium">{t().noKey.title}</span> {t().noKey.hint}
    </Notice>
  );
}
