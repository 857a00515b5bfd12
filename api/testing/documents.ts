/** What tests ask for again and again. */
import { graphql } from '../generated/graphql/gql.ts';

export const CreateChat = graphql(`
  mutation CreateChat($input: CreateChatInput!) {
    createChat(input: $input) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on ChatLimitError {
        limit
      }
      ... on InvalidInputError {
        issues {
          path
          code
          reason
          limit
        }
      }
      ... on CreateChatPayload {
        chat {
          id
          title
          revision
          agent {
            id
            handle
          }
          chosenAgent {
            id
          }
        }
      }
    }
  }
`);

export const SendMessage = graphql(`
  mutation SendMessage($input: SendMessageInput!) {
    sendMessage(input: $input) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on InvalidInputError {
        issues {
          path
          code
          reason
          limit
        }
      }
      ... on RunLimitError {
        limit
      }
      ... on RunInProgressError {
        run {
          id
          status
        }
      }
      ... on SendMessagePayload {
        chat {
          id
          title
          revision
        }
        message {
          id
          seq
          role
          content
          parent {
            id
          }
        }
        answers {
          id
          seq
          role
          content
          parent {
            id
          }
        }
        runs {
          id
          status
          model
          provider
        }
      }
    }
  }
`);

export const RunEvents = graphql(`
  subscription RunEvents($runId: ID!, $from: Int!) {
    runEvents(runId: $runId, from: $from) {
      __typename
      ... on MessageStart {
        run {
          id
        }
        message {
          id
        }
      }
      ... on ContentDelta {
        from
        to
        part
        kind
        text
      }
      ... on MessageEnd {
        run {
          id
          status
          stopReason
        }
        message {
          id
          content
          parts {
            kind
            text
          }
        }
      }
      ... on RunError {
        code
        reason
        retryable
        run {
          id
          status
        }
        message {
          id
          content
          parts {
            kind
            text
          }
        }
      }
    }
  }
`);

export const RunById = graphql(`
  query RunById($id: ID!) {
    node(id: $id) {
      __typename
      ... on Run {
        id
        status
        isCut
        stopReason
        model
        provider
        initiator {
          id
          name
        }
        failure {
          code
          reason
          retryable
        }
        usage {
          inputTokens
          outputTokens
          cacheReadTokens
          cacheWriteTokens
        }
        contexts {
          type
          version
          content
        }
        history {
          id
          content
          editedContent
        }
        omittedMessageCount
        createdAt
        startedAt
        firstTokenAt
        endedAt
        message {
          id
          content
          parts {
            kind
            text
          }
        }
      }
    }
  }
`);

export const ActiveRuns = graphql(`
  query ActiveRuns($chatId: ID!) {
    chat(id: $chatId) {
      activeRuns {
        id
      }
    }
  }
`);

export const StopRun = graphql(`
  mutation StopRun($input: StopRunInput!) {
    stopRun(input: $input) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on StopRunPayload {
        run {
          id
          status
          message {
            content
          }
        }
      }
    }
  }
`);

export const Thread = graphql(`
  query Thread($chatId: ID!, $first: Int, $after: String, $last: Int, $before: String, $around: ID) {
    chat(id: $chatId) {
      messages(first: $first, after: $after, last: $last, before: $before, around: $around) {
        edges {
          cursor
          node {
            id
            seq
            role
            content
          }
        }
        pageInfo {
          hasNextPage
          hasPreviousPage
          startCursor
          endCursor
        }
      }
    }
  }
`);

export const ChatState = graphql(`
  fragment ChatState on Chat {
    id
    title
    revision
    pinnedAt
    archivedAt
    deletedAt
    lastMessageAt
    agent {
      id
      handle
    }
    chosenAgent {
      id
      handle
    }
  }
`);

export const ChatById = graphql(`
  query ChatById($id: ID!) {
    chat(id: $id) {
      ...ChatState
    }
  }
`);

export const ListChats = graphql(`
  query ListChats($first: Int, $after: String, $last: Int, $before: String, $filter: ChatFilter, $search: String) {
    chats(first: $first, after: $after, last: $last, before: $before, filter: $filter, search: $search) {
      nodes {
        id
        title
      }
      edges {
        cursor
        node {
          id
          title
        }
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
`);

export const UpdateChat = graphql(`
  mutation UpdateChat($input: UpdateChatInput!) {
    updateChat(input: $input) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on InvalidInputError {
        issues {
          path
          code
          reason
          limit
        }
      }
      ... on UpdateChatPayload {
        chat {
          ...ChatState
        }
      }
    }
  }
`);

export const ArchiveChat = graphql(`
  mutation ArchiveChat($id: ID!) {
    archiveChat(input: { id: $id }) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on ArchiveChatPayload {
        chat {
          ...ChatState
        }
      }
    }
  }
`);

export const UnarchiveChat = graphql(`
  mutation UnarchiveChat($id: ID!) {
    unarchiveChat(input: { id: $id }) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on ChatLimitError {
        limit
      }
      ... on UnarchiveChatPayload {
        chat {
          ...ChatState
        }
      }
    }
  }
`);

export const PinChat = graphql(`
  mutation PinChat($id: ID!) {
    pinChat(input: { id: $id }) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on PinChatPayload {
        chat {
          ...ChatState
        }
      }
    }
  }
`);

export const UnpinChat = graphql(`
  mutation UnpinChat($id: ID!) {
    unpinChat(input: { id: $id }) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on UnpinChatPayload {
        chat {
          ...ChatState
        }
      }
    }
  }
`);

export const DeleteChat = graphql(`
  mutation DeleteChat($id: ID!) {
    deleteChat(input: { id: $id }) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on DeleteChatPayload {
        chat {
          ...ChatState
        }
      }
    }
  }
`);

export const RestoreChat = graphql(`
  mutation RestoreChat($id: ID!) {
    restoreChat(input: { id: $id }) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on ChatLimitError {
        limit
      }
      ... on RestoreChatPayload {
        chat {
          ...ChatState
        }
      }
    }
  }
`);

export const MessageState = graphql(`
  fragment MessageState on Message {
    id
    seq
    role
    content
    parts {
      kind
      text
    }
    editedContent
    editedAt
    deletedAt
    parent {
      id
    }
  }
`);

export const MessageById = graphql(`
  query MessageById($id: ID!) {
    node(id: $id) {
      __typename
      ... on Message {
        clientId
        ...MessageState
      }
    }
  }
`);

export const EditMessage = graphql(`
  mutation EditMessage($input: EditMessageInput!) {
    editMessage(input: $input) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on InvalidInputError {
        issues {
          path
          code
          reason
          limit
        }
      }
      ... on EditMessagePayload {
        message {
          ...MessageState
        }
      }
    }
  }
`);

export const DeleteMessage = graphql(`
  mutation DeleteMessage($id: ID!) {
    deleteMessage(input: { id: $id }) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on RunInProgressError {
        run {
          id
          status
        }
      }
      ... on DeleteMessagePayload {
        message {
          ...MessageState
        }
      }
    }
  }
`);

export const RegenerateAnswer = graphql(`
  mutation RegenerateAnswer($input: RegenerateAnswerInput!) {
    regenerateAnswer(input: $input) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on InvalidInputError {
        issues {
          path
          code
          reason
          limit
        }
      }
      ... on RunLimitError {
        limit
      }
      ... on RunInProgressError {
        run {
          id
          status
        }
      }
      ... on RegenerateAnswerPayload {
        chat {
          id
          revision
        }
        answers {
          id
          seq
          role
          content
          parent {
            id
          }
        }
        runs {
          id
          status
          agent {
            id
          }
        }
      }
    }
  }
`);

export const Viewer = graphql(`
  query Viewer {
    viewer {
      id
      name
      email
      role
      locale
      theme
      maxChats
    }
  }
`);

export const ListAgents = graphql(`
  query ListAgents {
    agents {
      ...AgentState
    }
  }
`);

export const AgentState = graphql(`
  fragment AgentState on Agent {
    id
    handle
    name
    description
    provider
    model
    effectiveModel
    instructions
    maxOutputTokens
    effort
    isDefault
    isAvailable
    archivedAt
  }
`);

export const CreateAgent = graphql(`
  mutation CreateAgent($input: CreateAgentInput!) {
    createAgent(input: $input) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on InvalidInputError {
        issues {
          path
          code
          reason
          limit
        }
      }
      ... on CreateAgentPayload {
        agent {
          ...AgentState
        }
      }
    }
  }
`);

export const ContextState = graphql(`
  fragment ContextState on ContextFile {
    id
    type
    content
    defaultContent
    version
    updatedBy {
      id
      name
    }
    versions(first: 100) {
      nodes {
        id
        version
        content
      }
    }
  }
`);

export const ContinueAnswer = graphql(`
  mutation ContinueAnswer($input: ContinueAnswerInput!) {
    continueAnswer(input: $input) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on ContinueAnswerPayload {
        answers {
          id
          parent {
            id
          }
        }
        runs {
          id
          agent {
            handle
          }
          trigger {
            id
          }
        }
      }
    }
  }
`);

export const SelectBranch = graphql(`
  mutation SelectBranch($input: SelectBranchInput!) {
    selectBranch(input: $input) {
      __typename
      ... on Error {
        code
        reason
      }
      ... on SelectBranchPayload {
        chat {
          id
          revision
        }
      }
    }
  }
`);

export const Branches = graphql(`
  query Branches($chatId: ID!) {
    chat(id: $chatId) {
      revision
      messages(last: 100) {
        nodes {
          id
          content
          siblings {
            id
            content
            run {
              status
            }
          }
        }
      }
    }
  }
`);

export const Feed = graphql(`
  subscription Feed($chats: [ChatCursor!], $agentsVersion: String) {
    feed(chats: $chats, agentsVersion: $agentsVersion) {
      __typename
      ... on ChatChange {
        revision
        headId
        chat {
          id
          title
          revision
          resetRevision
          pinnedAt
          archivedAt
          deletedAt
          chosenAgent {
            id
          }
        }
        messages {
          id
          seq
          content
          editedContent
          deletedAt
          parent {
            id
          }
          siblings {
            id
          }
        }
        runs {
          id
          status
          message {
            id
          }
        }
      }
      ... on RunDelta {
        runId
        delta {
          from
          to
          part
          kind
          text
        }
      }
      ... on ChatListChange {
        chat {
          id
          title
          revision
        }
      }
      ... on ChatGone {
        chatId
      }
      ... on AgentsChange {
        version
        agents {
          id
          name
          isDefault
        }
      }
      ... on Tick {
        at
      }
    }
  }
`);
