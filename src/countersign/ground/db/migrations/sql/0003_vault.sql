-- Wrapped data keys: what is stored here opens nothing without the key provider.
create schema vault;
grant usage on schema vault to countersign_vault;

-- Rows elsewhere name the key by its id; the newest version of a subject seals, every
-- version opens. `suite` is the cipher the key is for, `wrapping_version` the provider's
-- key that wraps it.
create table vault.data_key (
    id bigint generated always as identity primary key,
    subject text not null check (length(subject) between 1 and 128),
    version integer not null check (version > 0),
    suite smallint not null check (suite > 0),
    wrapping_version integer not null check (wrapping_version > 0),
    wrapped bytea not null check (length(wrapped) >= 24),
    made_at timestamptz not null default now(),
    unique (subject, version)
);

-- What the provider's keys gave when this database was first written, so that a wrong or
-- new key folder is noticed before anything is sealed with it.
create table vault.key_check (
    name text primary key,
    value bigint not null
);
select house.seal('vault.key_check');

-- Only the vault reads keys, and no role changes or deletes one.
grant select, insert on vault.data_key, vault.key_check to countersign_vault;
