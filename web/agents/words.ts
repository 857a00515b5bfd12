import { makeWords } from '../i18n';

export const agentWords = makeWords({
  en: {
    providers: { ANTHROPIC: 'Anthropic', OPENAI: 'OpenAI-compatible', ECHO: 'Echo', EXTERNAL: 'Service agent' },
    chosen: (name: string) => `Agent: ${name}`,
    useDefault: 'Default agent',
    isDefault: 'default',
    unavailable: 'not set up',
    archived: 'archived',
    useDefaultNamed: (name: string) => `Default agent: ${name}`,
    builtIn: {
      claude: 'Anthropic’s assistant: answers questions, writes, and works on code.',
      assistant: 'Answers questions, writes, and works on code.',
      echo: 'Repeats what you write. For trying out Confab before a model is connected.',
    },
  },
  ru: {
    providers: { ANTHROPIC: 'Anthropic', OPENAI: 'Совместимый с OpenAI', ECHO: 'Эхо', EXTERNAL: 'Внешний агент' },
    chosen: (name) => `Агент: ${name}`,
    useDefault: 'Агент по умолчанию',
    isDefault: 'по умолчанию',
    unavailable: 'не настроен',
    archived: 'в архиве',
    useDefaultNamed: (name) => `Агент по умолчанию: ${name}`,
    builtIn: {
      claude: 'Ассистент Anthropic: отвечает на вопросы, пишет тексты, помогает с кодом.',
      assistant: 'Отвечает на вопросы, пишет тексты, помогает с кодом.',
      echo: 'Повторяет то, что вы напишете. Чтобы попробовать Confab, пока модель не подключена.',
    },
  },
});
