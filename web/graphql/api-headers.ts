/** Of every request to the API. A deprecated field that the page still uses is counted under this name. */
export const apiHeaders = { 'x-graphql-yoga-csrf': '1', 'x-client-name': 'confab-web' };
