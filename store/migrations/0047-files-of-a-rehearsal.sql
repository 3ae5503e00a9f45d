-- Files of a folder that is rehearsed on a server and is no version of the store: kept until the rehearsal ends.
alter table rehearsals add column files jsonb;
