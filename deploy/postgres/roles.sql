-- Makes the roles of Holdfast's database: holdfast_owner, who migrates, and holdfast_run, as whom gateway and worker run.
-- Neither may do anything outside that database. Postgres' image runs this as superuser when it makes an empty volume; for
-- an older volume somebody runs it once (docs/how-to/deploy.md). Safe to run again: it also sets the passwords anew.

-- A statement that fails would stand in the server's log, with its password.
SET log_error_verbosity = 'terse';
SET log_min_error_statement = 'panic';

DO $roles$
DECLARE
  found record;
  password text;
  command text;
BEGIN
  FOR found IN SELECT * FROM (VALUES
    ('holdfast_owner', '/run/secrets/holdfast_migrate_database_url'),
    ('holdfast_run', '/run/secrets/holdfast_database_url')) AS v (role, file)
  LOOP
    password := substring(pg_read_file(found.file)
                          FROM '^postgres://' || found.role || ':([A-Za-z0-9._~-]+)@');
    IF password IS NULL THEN
      RAISE EXCEPTION '% has no address of %, or one whose password has other characters than A-Z a-z 0-9 . _ ~ -',
        found.file, found.role;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = found.role) THEN
      EXECUTE format('CREATE ROLE %I', found.role);
    END IF;
    EXECUTE format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD %L',
                   found.role, password);
  END LOOP;

  -- Of an older volume it was the owner's.
  EXECUTE format('ALTER ROLE %I PASSWORD %L', current_user,
                 rtrim(pg_read_file('/run/secrets/holdfast_postgres_password'), E'\r\n'));

  EXECUTE format('ALTER DATABASE %I OWNER TO holdfast_owner', current_database());
  -- Temporary tables are the only ones that anybody may make.
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());

  -- What the superuser has made in an older volume. Indexes and the sequences of columns follow their tables.
  FOR command IN
    SELECT format('ALTER TABLE %s OWNER TO holdfast_owner', c.oid::regclass)
      FROM pg_class c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relowner = current_user::regrole
       AND c.relkind IN ('r', 'v', 'S')
       AND NOT EXISTS (SELECT FROM pg_depend d
                        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
                          AND c.relkind = 'S')
    UNION ALL
    SELECT format('ALTER ROUTINE %s OWNER TO holdfast_owner', p.oid::regprocedure)
      FROM pg_proc p
     WHERE p.pronamespace = 'public'::regnamespace AND p.proowner = current_user::regrole
  LOOP
    EXECUTE command;
  END LOOP;
END
$roles$;
