import { createSignal, type Accessor } from 'solid-js';

interface Submission {
  isPending: Accessor<boolean>;
  problem: Accessor<string | null>;
  submit: (event: SubmitEvent) => void;
}

/** A form that is being sent: once at a time, and what goes wrong stays beside it in words. */
export function createSubmission(send: (form: HTMLFormElement) => Promise<void>): Submission {
  const [isPending, setPending] = createSignal(false);
  const [problem, setProblem] = createSignal<string | null>(null);

  async function submit(form: HTMLFormElement) {
    if (isPending()) return;
    setPending(true);
    setProblem(null);
    try {
      await send(form);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setPending(false);
    }
  }

  return {
    isPending,
    problem,
    submit: (event) => {
      event.preventDefault();
      void submit(event.currentTarget as HTMLFormElement);
    },
  };
}

/** The text of a field, as it was typed. */
export function fieldOf(form: HTMLFormElement, name: string): string {
  const value = new FormData(form).get(name);
  return typeof value === 'string' ? value : '';
}
