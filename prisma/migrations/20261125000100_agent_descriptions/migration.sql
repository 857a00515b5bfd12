-- The descriptions of the built-in agents named settings. Those that nobody has changed get the present ones.
UPDATE "agent" SET "description" = 'Anthropic’s assistant: answers questions, writes, and works on code.'
WHERE "description" = 'Anthropic’s assistant. Needs ANTHROPIC_API_KEY.';
UPDATE "agent" SET "description" = 'Repeats what you write. For trying out Confab before a model is connected.'
WHERE "description" = 'Repeats what you write, without a model, a key or a network.';
UPDATE "agent" SET "description" = 'Answers questions, writes, and works on code.'
WHERE "description" = 'Answers with OPENAI_MODEL, at OpenAI or at the server of OPENAI_BASE_URL.';
