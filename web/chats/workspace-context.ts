import { createContext, createSignal, useContext, type Accessor } from 'solid-js';
import type { Run } from '../store/run';

interface Workspace {
  /** The run that the status line speaks of: the newest of the chat that is open. */
  run: Accessor<Run | null>;
  setRun: (run: Run | null) => void;
  model: Accessor<string | null>;
  setModel: (model: string | null) => void;
}

const Context = createContext<Workspace>();

export const WorkspaceProvider = Context.Provider;

export function createWorkspace(): Workspace {
  const [run, setRun] = createSignal<Run | null>(null);
  const [model, setModel] = createSignal<string | null>(null);
  return { run, setRun, model, setModel };
}

export function useWorkspace(): Workspace {
  const workspace = useContext(Context);
  if (!workspace) throw new Error('useWorkspace is called outside of WorkspacePage.');
  return workspace;
}
