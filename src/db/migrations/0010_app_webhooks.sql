-- Up Migration

-- Whose event it was that belonged to no integration, at an application's address.
ALTER TABLE rejections ADD COLUMN account text;
CREATE INDEX rejections_provider_page ON rejections (provider, at DESC, id DESC)
  WHERE integration_id IS NULL;
