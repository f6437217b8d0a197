-- The hospital's own knowledge: documents, their versions, and who may see them.
--
-- A version never changes. What is known of a document (title, permission, validity, reviewer,
-- state) is a history of changes, of which the last one holds. Names, titles and texts are
-- sealed under a key of the document's own; the source lies as a sealed stream.
create schema library;
grant usage on schema library to countersign_library;

-- Reaches: who may see a document, as one short text. Shelves: the departments whose documents
-- somebody keeps. Both are part of a connection's scope, as departments and patients are.
create function house.scope_reaches() returns text[] language sql stable parallel safe
    as $$ select coalesce(nullif(current_setting('countersign.reaches', true), '')::text[], '{}') $$;
create function house.scope_shelves() returns text[] language sql stable parallel safe
    as $$ select coalesce(nullif(current_setting('countersign.shelves', true), '')::text[], '{}') $$;

create table library.document (
    id text primary key check (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    made_at timestamptz not null default clock_timestamp()
);

create table library.version (
    id text primary key check (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    document text not null references library.document (id),
    number integer not null check (number > 0),
    bytes bigint not null check (bytes >= 0),
    sha256 bytea not null check (octet_length(sha256) = 32),  -- of the source
    actor text not null,
    at timestamptz not null default clock_timestamp(),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- the key of the stream in which the source lies, sealed
    unique (document, number),
    unique (document, id)
);
-- The sealed stream of the source, cut into pieces of one size.
create table library.piece (
    -- The version's row is written last, when size and hash of the source are known.
    version text not null references library.version (id) deferrable initially deferred,
    number integer not null check (number >= 0),
    content bytea not null,
    primary key (version, number)
);
alter table library.piece alter column content set storage external;

-- What was understood of a version, once. Without a text the outcome says why.
create table library.text (
    version text primary key references library.version (id),
    outcome text not null check (outcome ~ '^[a-z-]{1,32}$'),
    sha256 bytea check (octet_length(sha256) = 32),  -- of the text in UTF-8
    characters integer not null check (characters >= 0),
    pages integer not null check (pages >= 0),
    passages integer not null check (passages >= 0),
    notes text[] not null,
    at timestamptz not null default clock_timestamp(),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- text, headings, tables, pages and passages, sealed
    check ((outcome = 'read') = (sha256 is not null))
);

create table library.change (
    id bigint primary key,  -- in the order of the commits
    document text not null references library.document (id),
    number integer not null,
    act text not null check (act in (
        'received', 'described', 'published', 'replaced', 'reviewed', 'withdrawn', 'expired')),
    state text not null check (state in ('draft', 'published', 'withdrawn', 'expired')),
    version text,  -- what readers find; none before the first publication
    kind text not null check (kind in (
        'guideline', 'protocol', 'leaflet', 'formulary', 'case', 'other')),
    home text not null check (home <> ''),  -- whose document it is: a department, or * for all
    audience text not null check (audience in ('doctors', 'clinical', 'staff')),
    departments text[] not null check (cardinality(departments) > 0),
    reach text not null,
    language text not null check (language in ('zh', 'en')),
    valid_from date,
    valid_until date check (valid_until >= valid_from),
    owner text not null check (owner <> ''),
    reviewer text check (reviewer <> ''),
    reviewed_at timestamptz,
    review_due date,
    actor text not null,
    at timestamptz not null,
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- title, file name, region, sources, topic, sealed
    unique (document, number),
    foreign key (document, version) references library.version (document, id),
    check (state = 'draft' or version is not null or state = 'withdrawn'),
    check (reviewed_at is null or reviewer is not null)
);
create sequence library.change_order;

-- The last change of each document, kept by the trigger below and by nothing else.
create table library.current (
    document text primary key references library.document (id),
    change bigint not null unique,
    number integer not null,
    state text not null,
    version text,
    kind text not null,
    home text not null,
    audience text not null,
    departments text[] not null,
    reach text not null,
    language text not null,
    valid_from date,
    valid_until date,
    owner text not null,
    reviewer text,
    reviewed_at timestamptz,
    review_due date,
    at timestamptz not null
);
create index on library.current (reach);
create index on library.current (version);
-- Versions that readers were once shown: old answers keep pointing at them.
create table library.shown (
    version text primary key references library.version (id),
    document text not null
);

-- Which change may follow which; the permission and the text of the reach always agree.
create function library.check_change() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    last library.current;
begin
    -- Changes are numbered in the order in which they are committed, so that nobody who asks
    -- for what came after one misses another.
    perform pg_advisory_xact_lock(73120);
    new.id := nextval('library.change_order');
    new.at := clock_timestamp();
    select * into last from library.current where document = new.document;
    if new.number <> coalesce(last.number, 0) + 1
       or (last.document is null) and new.act <> 'received' then
        raise exception 'not the next change of this document' using errcode = 'CSL01';
    end if;
    if last.state = 'withdrawn' then
        raise exception 'this document is withdrawn' using errcode = 'CSL02';
    end if;
    if new.reach <> new.audience || '/' || array_to_string(new.departments, '+')
       or new.departments <> array(select distinct one from unnest(new.departments) as one
                                   order by one) then
        raise exception 'the reach is not that of the permission' using errcode = 'CSL03';
    end if;
    if new.act not in ('published', 'replaced', 'withdrawn', 'expired') and (
            new.state is distinct from coalesce(last.state, 'draft')
            or new.version is distinct from last.version)
       or new.act in ('published', 'replaced') and new.state <> 'published'
       or new.act = 'replaced' and last.version is null
       or new.act = 'withdrawn' and (
            new.state <> 'withdrawn' or new.version is distinct from last.version)
       or new.act = 'expired' and (new.state <> 'expired' or last.state <> 'published'
            or new.version is distinct from last.version) then
        raise exception 'a document does not go this way' using errcode = 'CSL04';
    end if;
    if new.state = 'published' and not exists (
            select from library.text t where t.version = new.version and t.outcome = 'read') then
        raise exception 'there is no text to publish' using errcode = 'CSL05';
    end if;
    if new.act = 'reviewed' and new.actor <> 'person:' || coalesce(new.reviewer, '')
       or new.act <> 'reviewed' and new.reviewed_at is not null
          and new.reviewed_at is distinct from last.reviewed_at then
        raise exception 'only the named reviewer reviews' using errcode = 'CSL06';
    end if;
    -- Another text has not been reviewed because the one before it was.
    if new.act in ('published', 'replaced') and new.version is distinct from last.version
       and new.reviewed_at is not null and last.version is not null then
        raise exception 'a new version is unreviewed' using errcode = 'CSL06';
    end if;
    return new;
end $$;
create trigger checked before insert on library.change
    for each row execute function library.check_change();
alter table library.change enable always trigger checked;

create function library.keep_current() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    delete from library.current where document = new.document;
    insert into library.current (document, change, number, state, version, kind, home, audience,
        departments, reach, language, valid_from, valid_until, owner, reviewer, reviewed_at,
        review_due, at)
    values (new.document, new.id, new.number, new.state, new.version, new.kind, new.home,
        new.audience, new.departments, new.reach, new.language, new.valid_from, new.valid_until,
        new.owner, new.reviewer, new.reviewed_at, new.review_due, new.at);
    if new.state = 'published' then
        insert into library.shown (version, document) values (new.version, new.document)
        on conflict do nothing;
    end if;
    return null;
end $$;
create trigger kept after insert on library.change
    for each row execute function library.keep_current();
alter table library.change enable always trigger kept;

-- What was asked and how much was found; no person and no patient stands here, and it goes
-- after some months. What was opened is counted by the day.
create table library.asked (
    id bigint generated always as identity primary key,
    day date not null default house.today(),
    language text not null check (language in ('zh', 'en')),
    found integer not null check (found >= 0),
    departments text[] not null,
    suite smallint not null,
    key_id bigint not null,
    box bytea not null  -- the question without numbers that could identify somebody, sealed
);
create table library.opened (
    document text not null references library.document (id),
    day date not null default house.today(),
    times integer not null default 1 check (times > 0),
    primary key (document, day)
);
create table library.feedback (
    id text primary key,
    document text not null,
    version text not null,
    first integer not null check (first >= 0),
    last integer not null check (last > first),
    verdict text not null check (verdict in ('helpful', 'outdated', 'wrong', 'unclear')),
    actor text not null,
    at timestamptz not null default clock_timestamp(),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- the reader's own words, sealed
    foreign key (document, version) references library.version (document, id)
);

select house.seal(one) from unnest(array[
    'library.document', 'library.version', 'library.piece', 'library.text', 'library.change',
    'library.feedback']::regclass[]) as one;

-- A reader sees what was published within the reader's reach, withdrawn or not, so that an old
-- answer can be followed; a curator sees the shelves they keep; this installation's own
-- programs see all. A connection that says nothing sees nothing.
alter table library.current enable row level security;
create policy seen on library.current for select to countersign_library using (
    (select house.scope_whole())
    or home = any ((select house.scope_shelves())::text[])
    or version is not null and reach = any ((select house.scope_reaches())::text[]));

create function library.kept(_document text) returns boolean
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select (select house.scope_whole()) or exists (
        select from library.current c where c.document = _document
        and c.home = any ((select house.scope_shelves())::text[]))
$$;
revoke execute on function library.kept(text) from public;
grant execute on function library.kept(text) to countersign_library;

alter table library.shown enable row level security;
create policy seen on library.shown for select to countersign_library using (
    exists (select from library.current c where c.document = shown.document));

alter table library.version enable row level security;
create policy seen on library.version for select to countersign_library using (
    library.kept(version.document)
    or exists (select from library.shown s where s.version = version.id));
create policy added on library.version for insert to countersign_library with check (
    (select house.scope_whole()) or cardinality((select house.scope_shelves())) > 0);

alter table library.piece enable row level security;
create policy seen on library.piece for select to countersign_library using (
    exists (select from library.version v where v.id = piece.version));
create policy added on library.piece for insert to countersign_library with check (
    (select house.scope_whole()) or cardinality((select house.scope_shelves())) > 0);

alter table library.text enable row level security;
create policy seen on library.text for select to countersign_library using (
    exists (select from library.version v where v.id = text.version));
create policy added on library.text for insert to countersign_library with check (
    (select house.scope_whole()));

alter table library.change enable row level security;
create policy seen on library.change for select to countersign_library using (
    exists (select from library.current c where c.document = change.document));
create policy added on library.change for insert to countersign_library with check (
    (select house.scope_whole())
    or home = any ((select house.scope_shelves())::text[]) and (
        number = 1 or library.kept(change.document))
    or act = 'reviewed' and reach = any ((select house.scope_reaches())::text[]));

alter table library.asked enable row level security;
create policy asked on library.asked for insert to countersign_library
    with check ((select house.scope_given()));
create policy kept on library.asked for select to countersign_library using (
    (select house.scope_whole()) or departments && (select house.scope_shelves()));
create policy gone on library.asked for delete to countersign_library
    using ((select house.scope_whole()));
alter table library.feedback enable row level security;
create policy given on library.feedback for insert to countersign_library with check (
    exists (select from library.version v where v.id = feedback.version));
create policy kept on library.feedback for select to countersign_library
    using (library.kept(feedback.document));

grant select, insert on library.document, library.version, library.piece, library.text,
    library.change, library.feedback, library.asked to countersign_library;
grant select on library.current, library.shown to countersign_library;
grant delete on library.asked to countersign_library;
grant select, insert, update on library.opened to countersign_library;

-- Reading is work for the queue, and every step is recorded.
grant usage on schema jobs to countersign_library;
grant execute on function jobs.defer(text, jsonb, text, integer) to countersign_library;
grant usage on schema ledger to countersign_library;
grant execute on function ledger.append(bytea[]) to countersign_library;
select ledger.permit('document-received', 'countersign_library');
select ledger.permit('document-read', 'countersign_library');
select ledger.permit('document-described', 'countersign_library');
select ledger.permit('document-published', 'countersign_library');
select ledger.permit('document-replaced', 'countersign_library');
select ledger.permit('document-reviewed', 'countersign_library');
select ledger.permit('document-withdrawn', 'countersign_library');
select ledger.permit('document-expired', 'countersign_library');
select ledger.permit('document-judged', 'countersign_library');
select ledger.permit('document-opened', 'countersign_ledger');
select ledger.permit('library-searched', 'countersign_ledger');
insert into ledger.retained (kind, rule) values
    ('document-opened', 'process'), ('library-searched', 'process');

-- What lies sealed here, and to which place each row is bound.
select vault.declare_sealed('library.version', $$'stream/library/' || id$$);
select vault.declare_sealed('library.text', $$'library/text/' || version$$);
select vault.declare_sealed('library.change', $$'library/change/' || document || '/' || number$$);
select vault.declare_sealed('library.asked', $$'library/asked/' || day$$);
select vault.declare_sealed('library.feedback', $$'library/feedback/' || id$$);

-- Whoever keeps the library is somebody of the hospital with a role of their own.
alter table identity.role_grant drop constraint role_grant_role_check;
alter table identity.role_grant add constraint role_grant_role_check check (role in (
    'physician', 'senior_physician', 'nurse', 'laboratory_technician', 'pathologist',
    'pharmacist', 'patient', 'researcher', 'auditor', 'administrator', 'security_officer',
    'curator'));
