-- Between two vacuums an index leads to every row that it has ever held. Only statements that look for all that is unsettled say
-- "settled_at is null", and so only they read this one: who knows a delivery's id goes by that.
drop index deliveries_unsettled;
create index deliveries_unsettled on deliveries (reserved_at) where settled_at is null;
alter table deliveries add check ((settled_at is null) = (status in ('reserved', 'sending')));

-- Nothing is looked up by the inside of documents. Statistics about it were most of what analyzing cost, and that takes processor time from
-- decisions once a minute.
do $$
declare document record;
begin
  for document in
    select table_name, column_name from information_schema.columns
     where table_schema = current_schema() and data_type in ('json', 'jsonb') and table_name in (select tablename from pg_tables where schemaname = current_schema())
  loop
    execute format('alter table %I alter column %I set statistics 0', document.table_name, document.column_name);
  end loop;
end $$;

-- Room on each page for the next version of its rows: a change of what no index holds then stays there, and no index hears of it.
alter table customers set (fillfactor = 70);
alter table deliveries set (fillfactor = 60);
