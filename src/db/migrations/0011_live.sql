-- Up Migration

-- With the code of what is wrong: of a dead credential before that of a degraded one.
CREATE OR REPLACE VIEW connector_health AS
SELECT i.id AS integration_id, i.user_id, i.name, i.provider, i.status, i.status_since,
       i.reason_code, i.reason_credential, i.reason_message,
       CASE WHEN c.dead > 0 THEN 'dead' WHEN c.degraded > 0 THEN 'degraded' ELSE 'healthy' END
         AS health,
       c.last_success_at, c.last_failure_at,
       (SELECT count(*) FROM deliveries d
         WHERE d.integration_id = i.id AND d.state = 'pending') AS pending,
       c.health_code
FROM integrations i
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE k.state IN ('dead', 'missing')) AS dead,
         count(*) FILTER (WHERE k.state = 'degraded') AS degraded,
         max(k.last_success_at) AS last_success_at,
         max(k.last_failure_at) AS last_failure_at,
         (array_agg(CASE WHEN k.state = 'missing' THEN coalesce(k.code, 'not_connected') ELSE k.code END
                    ORDER BY k.state = 'degraded', l.name)
            FILTER (WHERE k.state <> 'alive'))[1] AS health_code
  FROM integration_credentials l JOIN credentials k ON k.id = l.credential_id
  WHERE l.integration_id = i.id
) c
WHERE i.deleted_at IS NULL;

-- Tells every gateway whose status, hold or session is another one: "<what>:<user id>"; "status:" alone is everybody.
-- Only changes that people see: a transaction that notifies waits, at its commit, for every other one that does, so
-- that nothing on a webhook's way may.
CREATE FUNCTION tell_live() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM pg_notify('holdfast_live', TG_ARGV[0] || ':' || OLD.user_id);
  ELSE
    PERFORM pg_notify('holdfast_live', TG_ARGV[0] || ':' || NEW.user_id);
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER integrations_created AFTER INSERT ON integrations
  FOR EACH ROW EXECUTE FUNCTION tell_live('status');
CREATE TRIGGER integrations_changed AFTER UPDATE OF status, reason_code, deleted_at ON integrations
  FOR EACH ROW
  WHEN ((OLD.status, OLD.reason_code, OLD.deleted_at)
        IS DISTINCT FROM (NEW.status, NEW.reason_code, NEW.deleted_at))
  EXECUTE FUNCTION tell_live('status');
CREATE TRIGGER integrations_deleted AFTER DELETE ON integrations
  FOR EACH ROW WHEN (OLD.deleted_at IS NULL) EXECUTE FUNCTION tell_live('status');

CREATE TRIGGER credentials_changed AFTER UPDATE OF state, code ON credentials
  FOR EACH ROW WHEN ((OLD.state, OLD.code) IS DISTINCT FROM (NEW.state, NEW.code))
  EXECUTE FUNCTION tell_live('status');

-- A hold over everybody has no user's id.
CREATE TRIGGER holds_set AFTER INSERT OR DELETE ON holds
  FOR EACH ROW EXECUTE FUNCTION tell_live('status');
CREATE TRIGGER holds_changed AFTER UPDATE ON holds
  FOR EACH ROW WHEN (OLD.reason IS DISTINCT FROM NEW.reason) EXECUTE FUNCTION tell_live('status');

-- Sessions that end before their time; that they run out is known beforehand.
CREATE TRIGGER sessions_deleted AFTER DELETE ON sessions
  FOR EACH ROW WHEN (OLD.expires_at > now()) EXECUTE FUNCTION tell_live('session');
CREATE TRIGGER sessions_shortened AFTER UPDATE OF expires_at ON sessions
  FOR EACH ROW WHEN (NEW.expires_at < OLD.expires_at) EXECUTE FUNCTION tell_live('session');
