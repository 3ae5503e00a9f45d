-- The server writes it into the statements that read times, which costs a twentieth of calling `ms`: as that is called immutable, and what it
-- reads is not, the server may not. An index of tasks is built on `ms`, so it stays.
create function to_ms(at timestamptz) returns double precision
  language sql stable parallel safe
  return round(date_part('epoch', at) * 1000);
