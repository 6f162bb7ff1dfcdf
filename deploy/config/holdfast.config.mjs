import { defineConfig } from 'holdfast';

// The providers and handlers of docker-compose.temporal.yml. Secrets belong in deploy/secrets/further.
export default defineConfig({
  providers: {
    // Webhooks without OAuth: enough to see a delivery come in and be forwarded.
    example: { label: 'Example', webhook: { scheme: 'standard-webhooks' } },
  },
});
