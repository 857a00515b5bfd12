/** Settings for each server that is measured, in this process or another one: one person plays thousands of readers. */
export const withoutLimits = {
  REQUESTS_PER_USER: '1000000',
  COST_PER_USER: '1000000000',
  COST_PER_TOKEN: '1000000000',
  FEEDS_PER_USER: '1000000',
  RUN_STREAMS_PER_USER: '1000000',
};
