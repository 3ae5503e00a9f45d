-- Code of versions: each tool and channel with all that it imports, in one file, by its SHA-256. Versions share what they have in common.
create table bundles (
  hash text collate "C" primary key,
  code text not null
);
-- The bundle of each tool and channel of a version, by file. Null: it was kept without them.
alter table versions add column bundles jsonb;
