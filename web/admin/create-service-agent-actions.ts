import { useClient } from '@urql/solid';
import { graphql } from '../generated';
import type { CreateServiceAgentInput, ServiceAgentFieldsFragment } from '../generated/graphql';
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
