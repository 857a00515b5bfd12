import { For, Show } from 'solid-js';
import { Button } from '../ui/button';
import { SelectField, TextField } from '../ui/field';
import { type AddressFilter, isEmpty, OPERATIONS } from './filter';
import { auditWords } from './words';

interface FilterFormProps {
  filter: AddressFilter;
  /** All that there are. */
  tables: readonly string[];
  onChange: (part: Partial<AddressFilter>) => void;
}

const NOTHING: AddressFilter = { table: '', operation: '', actor: '', chat: '', request: '', since: '', until: '' };

/** Each field counts as soon as it is left. */
export function FilterForm(props: FilterFormProps) {
  const isDetailed = () => !!(props.filter.actor || props.filter.chat || props.filter.request);
  const set = (name: keyof AddressFilter, { currentTarget }: { currentTarget: { value: string } }) =>
    props.onChange({ [name]: currentTarget.value.trim() });
  // A table that is not there any more can stand in an old address.
  const tables = () => [...new Set([...props.tables, ...(props.filter.table ? [props.filter.table] : [])])];

  return (
    <form aria-label={auditWords().filter} class="flex flex-col gap-3" onSubmit={(event) => event.preventDefault()}>
      <div class="grid grid-cols-4 gap-3 max-md:grid-cols-2 max-md:*:nth-[n+3]:col-span-2">
        <SelectField label={auditWords().table} onChange={(event) => set('table', event)}>
          <option value="" selected={props.filter.table === ''}>
            {auditWords().anyTable}
          </option>
          <For each={tables()}>
            {(table) => (
              <option value={table} selected={props.filter.table === table}>
                {table}
              </option>
            )}
          </For>
        </SelectField>
        <SelectField label={auditWords().operation} onChange={(event) => set('operation', event)}>
          <option value="" selected={props.filter.operation === ''}>
            {auditWords().anyOperation}
          </option>
          <For each={OPERATIONS}>
            {(operation) => (
              <option value={operation} selected={props.filter.operation === operation}>
                {auditWords().operations[operation]}
              </option>
            )}
          </For>
        </SelectField>
        <TextField
          label={auditWords().since}
          type="datetime-local"
          value={props.filter.since}
          onChange={(event) => set('since', event)}
        />
        <TextField
          label={auditWords().until}
          type="datetime-local"
          value={props.filter.until}
          onChange={(event) => set('until', event)}
        />
      </div>
      <details open={isDetailed()} class="group">
        <summary class="w-fit cursor-pointer rounded text-small text-ink-soft touch:min-h-10 touch:content-center hover:text-ink">
          {auditWords().more}
        </summary>
        <div class="mt-3 grid grid-cols-3 gap-3 max-md:grid-cols-1">
          <TextField
            label={auditWords().actor}
            value={props.filter.actor}
            spellcheck={false}
            autocapitalize="none"
            onChange={(event) => set('actor', event)}
          />
          <TextField
            label={auditWords().chat}
            value={props.filter.chat}
            spellcheck={false}
            autocapitalize="none"
            onChange={(event) => set('chat', event)}
          />
          <TextField
            label={auditWords().request}
            value={props.filter.request}
            spellcheck={false}
            autocapitalize="none"
            onChange={(event) => set('request', event)}
          />
        </div>
      </details>
      <Show when={!isEmpty(props.filter)}>
        <Button isSmall look="quiet" class="-ml-2.5 self-start" onClick={() => props.onChange(NOTHING)}>
          {auditWords().clear}
        </Button>
      </Show>
    </form>
  );
}
