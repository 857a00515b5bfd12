import { splitProps, type Component, type JSX } from 'solid-js';

type Look = 'primary' | 'plain' | 'quiet' | 'danger';

const looks: Record<Look, string> = {
  primary: 'bg-accent text-accent-ink font-medium hover:brightness-108 active:brightness-95',
  plain: 'bg-raised text-ink border border-line hover:bg-hover hover:border-line-strong',
  quiet: 'text-ink-soft hover:bg-hover hover:text-ink',
  danger: 'bg-raised text-danger border border-line hover:bg-danger-tint hover:border-danger',
};

const shape =
  'inline-flex items-center justify-center gap-2 rounded-md transition-colors duration-100 select-none disabled:opacity-50 disabled:pointer-events-none';

type ButtonProps = JSX.ButtonHTMLAttributes<HTMLButtonElement> & { look?: Look; isSmall?: boolean };

/** For a link that looks like a button. */
export function buttonShape(look: Look = 'plain', isSmall = false): string {
  return `${shape} touch:h-10 touch:min-w-10 ${isSmall ? 'h-7 px-2.5 text-small' : 'h-9 px-3.5 text-base'} ${looks[look]}`;
}

export const Button: Component<ButtonProps> = (props) => {
  const [own, rest] = splitProps(props, ['look', 'isSmall', 'class']);
  return <button type="button" {...rest} class={`${buttonShape(own.look, own.isSmall)} ${own.class ?? ''}`} />;
};

type IconButtonProps = Omit<JSX.ButtonHTMLAttributes<HTMLButtonElement>, 'title' | 'aria-label'> & {
  /** Its accessible name, which a pointer sees as a tooltip. */
  label: string;
};

export const iconButtonShape = `${shape} size-8 touch:size-10 shrink-0 text-ink-faint hover:bg-hover hover:text-ink aria-expanded:bg-hover aria-expanded:text-ink aria-pressed:bg-hover aria-pressed:text-accent`;

export const IconButton: Component<IconButtonProps> = (props) => {
  const [own, rest] = splitProps(props, ['label', 'class']);
  return (
    <button
      type="button"
      {...rest}
      aria-label={own.label}
      title={own.label}
      class={`${iconButtonShape} ${own.class ?? ''}`}
    />
  );
};
