/** The failures that any feature may give, as a client sees them. A feature's own stand in its schema.ts. */
import { builder } from './builder.ts';
import { type ExpectedError, ForbiddenError, InvalidInputError, type InputIssue, NotFoundError } from '../errors.ts';

export const ErrorInterface = builder.interfaceRef<ExpectedError>('Error').implement({
  description: 'A failure that is to be expected: data, in the place of what was asked for.',
  fields: (t) => ({
    reason: t.exposeString('reason', { description: 'What is wrong, for a person, in English.' }),
  }),
});

builder.objectType(NotFoundError, {
  name: 'NotFoundError',
  description: 'It is not there, or not yours: the two look the same.',
  interfaces: [ErrorInterface],
});

builder.objectType(ForbiddenError, {
  name: 'ForbiddenError',
  description: 'You may see it, but not do this with it, or not now.',
  interfaces: [ErrorInterface],
});

const Issue = builder.objectRef<InputIssue>('InputIssue').implement({
  description: 'One thing that is wrong with what was sent.',
  fields: (t) => ({
    path: t.exposeStringList('path', { description: 'Where: the argument’s name, then inwards.' }),
    reason: t.exposeString('reason', { description: 'What is wrong there, for a person, in English.' }),
  }),
});

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  description: 'What was sent cannot be taken as it is.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    issues: t.expose('issues', { type: [Issue], description: 'Everything that is wrong with it.' }),
  }),
});
