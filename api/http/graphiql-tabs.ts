/** What GraphiQL opens with. A tab is called as its operation. */

export interface GraphiqlTab {
  query: string;
  variables: string;
}

function tab(query: string, variables: Record<string, unknown> = {}): GraphiqlTab {
  return { query, variables: JSON.stringify(variables, null, 2) };
}

/** Ids are left to be filled in: those of the answers before. */
export const graphiqlTabs: GraphiqlTab[] = [
  tab(`# Sign in to Confab in this browser, and what you
# ask here is asked as you. Or ask with a token, under
# Headers: {"Authorization": "Bearer confab_…"}
# Guides and a reference are at /docs.
query History {
  viewer {
    name
  }
  chats(first: 10) {
    nodes {
      id
      title
      revision
      messages(last: 5) {
        nodes {
          id
          role
          content
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`),
  tab(
    `# The chatId is one that History shows. The same
# clientId again gives the first result: take another
# UUID for another message.
mutation Send($input: SendMessageInput!) {
  sendMessage(input: $input) {
    __typename
    ... on SendMessagePayload {
      message {
        id
      }
      runs {
        id
        status
      }
    }
    ... on Error {
      code
      reason
    }
  }
}
`,
    { input: { chatId: '', content: 'Hello from GraphiQL', clientId: '00000000-0000-4000-8000-000000000001' } },
  ),
  tab(
    `# The runId is the one that Send shows. An answer that
# is over can be read like this too, from any offset.
subscription Stream($runId: ID!, $from: Int!) {
  runEvents(runId: $runId, from: $from) {
    __typename
    ... on ContentDelta {
      from
      to
      kind
      text
    }
    ... on MessageEnd {
      message {
        content
      }
      run {
        status
        usage {
          outputTokens
        }
      }
    }
    ... on RunError {
      code
      reason
      retryable
    }
  }
}
`,
    { runId: '', from: 0 },
  ),
  tab(`# Your rooms: who is in them, which agents can be
# mentioned, and what was said last.
query Room {
  chats(first: 5, kind: ROOM) {
    nodes {
      id
      title
      topic
      viewerRole
      members(first: 10) {
        nodes {
          role
          person {
            name
            handle
          }
        }
      }
      roomAgents {
        replyMode
        agent {
          name
          handle
        }
      }
      messages(last: 5) {
        nodes {
          role
          content
          author {
            name
          }
          agent {
            name
          }
        }
      }
    }
  }
}
`),
];
