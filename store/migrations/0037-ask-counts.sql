-- What is kept of asks that gave nothing, once their time is over.
create table ask_counts (
  channel text collate "C" not null,
  day date not null,
  late boolean not null,
  asks bigint not null,
  primary key (channel, day, late)
);
