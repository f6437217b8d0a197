-- Folders that curators let be watched, each with the terms of what comes from it; what was seen
-- there, and which file became which document. Names of folders and files are sealed or hashed.
-- while serving: yes
create table library.watch (
    id text primary key check (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    home text not null check (home <> ''),  -- whose documents come from it
    actor text not null,
    at timestamptz not null default clock_timestamp(),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null  -- the folder, and what every document of it begins with, sealed
);
create table library.watch_end (
    watch text primary key references library.watch (id),
    actor text not null,
    at timestamptz not null default clock_timestamp()
);
select house.seal(one) from unnest(array['library.watch', 'library.watch_end']::regclass[]) as one;

-- The last look: written over each time.
create table library.watch_look (
    watch text primary key references library.watch (id),
    at timestamptz not null,
    state text not null check (state in ('looked', 'missing', 'outside', 'full')),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null  -- what was refused, and why, sealed
);
-- A file by the hash of its place below the root: a second watch of it doubles no document.
create table library.watched_file (
    home text not null,
    place bigint not null,
    document text not null references library.document (id),
    watch text not null references library.watch (id),
    primary key (home, place)
);
create index on library.watched_file (watch);

alter table library.watch enable row level security;
create policy seen on library.watch for select to countersign_library using (
    (select house.scope_whole()) or home = any ((select house.scope_shelves())::text[]));
create policy made on library.watch for insert to countersign_library with check (
    home = any ((select house.scope_shelves())::text[]));
alter table library.watch_end enable row level security;
create policy seen on library.watch_end for select to countersign_library using (
    exists (select from library.watch w where w.id = watch_end.watch));
create policy made on library.watch_end for insert to countersign_library with check (
    exists (select from library.watch w where w.id = watch_end.watch));
alter table library.watch_look enable row level security;
create policy seen on library.watch_look for select to countersign_library using (
    exists (select from library.watch w where w.id = watch_look.watch));
create policy written on library.watch_look for insert to countersign_library with check (
    (select house.scope_whole()));
create policy again on library.watch_look for update to countersign_library using (
    (select house.scope_whole()));
alter table library.watched_file enable row level security;
create policy seen on library.watched_file for select to countersign_library using (
    (select house.scope_whole()) or home = any ((select house.scope_shelves())::text[]));
create policy written on library.watched_file for insert to countersign_library with check (
    (select house.scope_whole()));
create policy again on library.watched_file for update to countersign_library using (
    (select house.scope_whole()));

grant select, insert on library.watch, library.watch_end to countersign_library;
grant select, insert, update on library.watch_look, library.watched_file to countersign_library;
select vault.declare_sealed('library.watch', $$'library/watch/' || id$$);
select vault.declare_sealed('library.watch_look', $$'library/watch-look/' || watch$$);
select ledger.permit('folder-watched', 'countersign_library');
select ledger.permit('folder-unwatched', 'countersign_library');
