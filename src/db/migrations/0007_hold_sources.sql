-- Up Migration

-- Holds stand side by side: the operator's by the API and by the environment, and a person's own.
ALTER TABLE holds
  ADD COLUMN source text NOT NULL DEFAULT 'api' CHECK (source IN ('api', 'environment')),
  -- A person may pause without saying why.
  ALTER COLUMN reason DROP NOT NULL,
  ADD CHECK (by = 'user' OR reason IS NOT NULL),
  ADD CHECK (by = 'operator' OR scope = 'user' AND source = 'api'),
  DROP CONSTRAINT holds_pkey,
  -- The user first: whether somebody is held is asked as user_id IN ('', <theirs>), before each delivery.
  ADD PRIMARY KEY (user_id, by, source);
