/**
 * What the migrations make: the role that runs gets its rights on these alone, as an application may have tables of its own in
 * the same schema. A migration that makes one, or makes one anew, has its name here; test/db/roles.test.ts compares.
 */
export const relations = {
  tables: [
    ...[
      'actor_restarts',
      'api_keys',
      'app_faults',
      'audit',
      'client_authentications',
      'confirmations',
      'credentials',
    ],
    ...['deleted_actors', 'deliveries', 'delivery_attempts', 'discarded_counts', 'drain_leases'],
    ...['failing_destinations', 'failing_origins', 'hash_keys', 'holds', 'idempotency_keys'],
    ...['installation', 'integration_credentials', 'integration_episodes', 'integration_secrets'],
    ...['integrations', 'notices', 'oauth_states', 'reconnect_codes', 'rejections', 'replays'],
    ...['revocations', 'rotated_refresh_tokens', 'same_bodies', 'sealing_keys', 'sessions'],
    ...['stored_bytes', 'stuck_actors', 'sweep_state', 'transitions', 'webhook_signatures'],
  ],
  views: ['connector_health'],
  /** Those of identity columns need no rights. */
  sequences: ['delivery_sequence'],
} as const;
