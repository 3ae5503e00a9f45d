-- Vectors of examples by an embeddings model, under the hash of their text: no text of a customer is among them.
create table example_vectors (
  model text not null,
  text_hash text not null,
  -- Numbers of 32 bits, the lowest byte first, in base64: the same on both engines.
  vector text not null,
  used_at timestamptz not null,
  primary key (model, text_hash)
);
