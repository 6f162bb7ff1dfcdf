-- Up Migration

-- Each webhook pays for what its table is made of.

-- A list of all states is merged from the lists of each.
DROP INDEX deliveries_page;

-- The statement that stores deliveries holds their integrations' rows, which are deleted only after their tombstone and
-- their deliveries: it can leave no orphan, and a look at the integration for every row would cost as much as an index.
ALTER TABLE deliveries DROP CONSTRAINT deliveries_integration_id_fkey;
