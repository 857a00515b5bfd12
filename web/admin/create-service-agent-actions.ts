import { useClient } from '@urql/solid';
import { graphql } from '../generated';
import type {
  CreateServiceAgentInput,
  MessagesOfDeleted,
  ServiceAgentFieldsFragment,
  UpdateServiceAgentInput,
} from '../generated/graphql';
import { perform } from '../graphql/perform';
import { toast } from '../ui/toasts';
import { serviceAgentWords } from './words';

export type ServiceAgent = ServiceAgentFieldsFragment;

const CreateServiceAgent = graphql(`
  mutation CreateServiceAgent($input: CreateServiceAgentInput!) {
    createServiceAgent(input: $input) {
      __typename
      ... on CreateServiceAgentPayload {
        person {
          ...ServiceAgentFields
        }
      }
      ...FailureFields
    }
  }

  fragment ServiceAgentFields on Person {
    ...PersonFields
    isDisabled
  }
`);

const UpdateServiceAgent = graphql(`
  mutation UpdateServiceAgent($input: UpdateServiceAgentInput!) {
    updateServiceAgent(input: $input) {
      __typename
      ... on UpdateServiceAgentPayload {
        person {
          ...ServiceAgentFields
        }
      }
      ...FailureFields
    }
  }
`);

const DeleteServiceAgent = graphql(`
  mutation DeleteServiceAgent($input: DeletePersonInput!) {
    deletePerson(input: $input) {
      __typename
      ... on DeletePersonPayload {
        personId
      }
      ...FailureFields
    }
  }
`);

const DisableServiceAgent = graphql(`
  mutation DisableServiceAgent($input: DisablePersonInput!) {
    disablePerson(input: $input) {
      __typename
      ... on DisablePersonPayload {
        person {
          ...ServiceAgentFields
        }
      }
      ...FailureFields
    }
  }
`);

const EnableServiceAgent = graphql(`
  mutation EnableServiceAgent($input: EnablePersonInput!) {
    enablePerson(input: $input) {
      __typename
      ... on EnablePersonPayload {
        person {
          ...ServiceAgentFields
        }
      }
      ...FailureFields
    }
  }
`);

const changesPeople = { additionalTypenames: ['Person'] };

export function createServiceAgentActions() {
  const client = useClient();

  return {
    create: (input: CreateServiceAgentInput) => perform(client, CreateServiceAgent, { input }, changesPeople),
    update: (input: UpdateServiceAgentInput) => perform(client, UpdateServiceAgent, { input }, changesPeople),
    remove: ({ id }: ServiceAgent, messages: MessagesOfDeleted) =>
      perform(client, DeleteServiceAgent, { input: { id, messages } }, changesPeople),
    disable: async ({ id, name }: ServiceAgent) => {
      const done = await perform(client, DisableServiceAgent, { input: { id } }, changesPeople);
      toast(done.payload ? serviceAgentWords().wasDisabled(name) : done.words);
    },
    enable: async ({ id, name }: ServiceAgent) => {
      const done = await perform(client, EnableServiceAgent, { input: { id } }, changesPeople);
      toast(done.payload ? serviceAgentWords().wasEnabled(name) : done.words);
    },
  };
}
