/**
 * Of `integration_credentials l`: tokens were stored after the switch-off, and asked for an end of it. The actor
 * and the sweep go by the same words: else the one rings for ever for what the other doesn't do.
 */
export const resumeAskedSql =
  'coalesce(bool_or(l.resume_version > coalesce(l.disabled_version, -1)), false)';
