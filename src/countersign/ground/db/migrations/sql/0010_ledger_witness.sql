-- Who may record what, witnesses of the ledger, and payloads that end with their retention.

-- Which database role may append which kind of event. Whoever holds the password of a room
-- can then propose, but not invent that somebody looked, signed or released.
create table ledger.recorder (
    kind text not null check (kind ~ '^[a-z]+(-[a-z]+)*$'),
    role name not null,
    primary key (kind, role)
);

-- For migrations: lets these roles record this kind.
create function ledger.permit(kind text, variadic roles name[]) returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    insert into ledger.recorder (kind, role)
    select permit.kind, role from unnest(roles) as role
    on conflict do nothing
$$;
revoke execute on function ledger.permit(text, name[]) from public;
grant select on ledger.recorder to countersign_auditor, countersign_ledger;

select ledger.permit('sign-in', 'countersign_identity', 'countersign_ledger');
select ledger.permit('sign-out', 'countersign_identity', 'countersign_ledger');
select ledger.permit('sign-in-failed', 'countersign_ledger');
select ledger.permit('access-denied', 'countersign_ledger');
select ledger.permit('policy-changed', 'countersign_identity');
select ledger.permit('person-changed', 'countersign_identity');
select ledger.permit('chart-viewed', 'countersign_ledger');
select ledger.permit('chart-searched', 'countersign_ledger');
select ledger.permit('patients-listed', 'countersign_ledger');
select ledger.permit('chart-received', 'countersign_receiver');
select ledger.permit('draft-proposed', 'countersign_room');
select ledger.permit('draft-expired', 'countersign_room');
select ledger.permit('draft-viewed', 'countersign_ledger');
select ledger.permit('drafts-listed', 'countersign_ledger');
select ledger.permit('draft-signed', 'countersign_signer');
select ledger.permit('draft-rejected', 'countersign_signer');
select ledger.permit('released', 'countersign_sender');
select ledger.permit('exported', 'countersign_ledger');
select ledger.permit('audit-viewed', 'countersign_ledger');
select ledger.permit('model-registered', 'countersign_steward');
select ledger.permit('ai-stopped', 'countersign_steward');
select ledger.permit('ai-resumed', 'countersign_steward');
select ledger.permit('job-retried', 'countersign_jobs');
select ledger.permit('key-made', 'countersign_vault');
select ledger.permit('payloads-pruned', 'countersign_ledger');
select ledger.permit('keys-rotated', 'countersign_vault');
select ledger.permit('data-resealed', 'countersign_vault');
select ledger.permit('data-destroyed', 'countersign_vault');
select ledger.permit('keys-exported', 'countersign_ledger');
select ledger.permit('backup-made', 'countersign_ledger');
select ledger.permit('restored', 'countersign_ledger');
select ledger.permit('schema-changed', 'countersign_ledger');
select ledger.permit('egress-contacted', 'countersign_ledger');
select ledger.permit('egress-refused', 'countersign_ledger');

-- As before, and only what the role that logged in may record. A part that is of another
-- type than readers expect leaves the time null, which the column refuses.
create or replace function ledger.append(bodies bytea[]) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    many bigint := cardinality(bodies);
    first bigint;
    forbidden text;
begin
    if coalesce(many, 0) = 0 then
        raise exception 'no events' using errcode = '22023';
    end if;
    -- A receipt promises that the leaf survives a power cut.
    if current_setting('synchronous_commit') = 'off' then
        perform set_config('synchronous_commit', 'on', true);
    end if;
    update ledger.head set size = size + many returning size - many into strict first;
    insert into ledger.leaf (index, leaf_hash)
    select first + place - 1, sha256('\x00'::bytea || body)
    from unnest(bodies) with ordinality as given (body, place);
    with written as (
        insert into ledger.event (index, at, kind, actor, patient, subject, model, body)
        select first + place - 1,
            case when said->>'at' ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$'
                and coalesce(jsonb_typeof(said->'patient'), 'string') = 'string'
                and coalesce(jsonb_typeof(said->'subject'), 'string') = 'string'
                and coalesce(jsonb_typeof(said->'model'), 'string') = 'string'
                and coalesce(jsonb_typeof(said->'commits'), 'object') = 'object'
                and coalesce(jsonb_typeof(said->'detail'), 'object') = 'object'
            then (said->>'at')::timestamptz end,
            said->>'kind', said->>'actor', said->>'patient', said->>'subject', said->>'model', body
        from unnest(bodies) with ordinality as given (body, place)
        cross join lateral (select convert_from(body, 'UTF8')::jsonb as said offset 0) as read
        returning kind
    )
    select distinct_kind.kind into forbidden
    from (select distinct kind from written) as distinct_kind
    where not exists (
        select from ledger.recorder
        where recorder.kind = distinct_kind.kind and recorder.role = session_user
    )
    limit 1;
    if found then
        raise exception '% may not record an event of the kind %', session_user, forbidden
            using errcode = '22023';
    end if;
    return first;
end $$;
drop function ledger.moment(jsonb);

-- Leaf and event are written by ledger.append alone, in one transaction, and fsck compares
-- them; looking each leaf up again took a quarter of the time of an append.
alter table ledger.event drop constraint event_index_fkey;

-- What witnesses signed below our checkpoints (c2sp.org/tlog-cosignature).
create table ledger.cosignature (
    size bigint not null references ledger.checkpoint (size),
    witness text not null check (length(witness) between 1 and 256),
    line text not null check (length(line) <= 4096),
    at timestamptz not null,
    primary key (size, witness)
);
create index cosignature_witness on ledger.cosignature (witness, size desc);

-- A witness that saw another history, or a longer one, than this ledger shows it.
create table ledger.disagreement (
    number bigint generated always as identity primary key,
    at timestamptz not null,
    witness text not null check (length(witness) between 1 and 256),
    kind text not null check (kind in ('split-view', 'longer')),
    size bigint not null,
    theirs bigint not null,
    note text not null check (length(note) <= 65535),
    unique (witness, kind, size, theirs)
);
select house.seal('ledger.cosignature');
select house.seal('ledger.disagreement');

create function ledger.cosign(size bigint, witness text, line text, at timestamptz) returns void
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
    insert into ledger.cosignature (size, witness, line, at)
    values (cosign.size, cosign.witness, cosign.line, cosign.at) on conflict do nothing
$$;

create function ledger.disagree(
    at timestamptz, witness text, kind text, size bigint, theirs bigint, note text
) returns void
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
    insert into ledger.disagreement (at, witness, kind, size, theirs, note)
    values (disagree.at, disagree.witness, disagree.kind, disagree.size, disagree.theirs,
        disagree.note)
    on conflict do nothing
$$;

-- How long what an event says is kept. A hospital may lengthen a rule, never shorten it
-- below its floor; a kind without a rule is kept for ever.
create table ledger.retention (
    rule text primary key,
    years integer not null,
    floor integer not null check (floor >= 3),
    source text not null check (source <> ''),
    check (years >= floor),
    check (rule <> 'record' or floor >= 15)
);
create table ledger.retained (
    kind text primary key,
    rule text not null references ledger.retention (rule)
);
insert into ledger.retention (rule, years, floor, source) values
    ('record', 30, 15,
     '《医疗机构管理条例实施细则》第五十三条：门诊病历不少于十五年，住院病历不少于三十年 · '
     'Detailed Rules for the Regulation on Medical Institutions, article 53: records of '
     'out-patients at least 15 years, of in-patients at least 30 years'),
    ('process', 3, 3,
     '《互联网诊疗监管细则（试行）》：诊疗过程记录保存不少于三年 · '
     'Rules for Supervising Internet Diagnosis and Treatment (Trial): records of the process '
     'at least 3 years');
insert into ledger.retained (kind, rule)
select kind, 'record' from unnest(array[
    'chart-received', 'draft-proposed', 'draft-viewed', 'draft-signed', 'draft-rejected',
    'draft-expired', 'released', 'exported', 'model-registered', 'ai-stopped', 'ai-resumed',
    'person-changed', 'policy-changed']) as kind
union all
select kind, 'process' from unnest(array[
    'sign-in', 'sign-in-failed', 'sign-out', 'access-denied', 'chart-viewed', 'chart-searched',
    'patients-listed', 'drafts-listed', 'audit-viewed', 'job-retried']) as kind;

-- Leaves whose event was removed when its retention ended. ``record`` is the leaf that says so.
create table ledger.pruned (
    index bigint primary key references ledger.leaf (index),
    at timestamptz not null,
    kind text not null,
    rule text not null,
    record bigint not null
);
create index pruned_record on ledger.pruned (record, index);
select house.seal('ledger.pruned');

create function ledger.ended(kind text, at timestamptz) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select from ledger.retained join ledger.retention using (rule)
        where retained.kind = ended.kind and ended.at < now() - make_interval(years => years)
    )
$$;

-- Holds for every role, the owner of the tables included.
create function ledger.only_ended() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
        select from ledger.event e join ledger.retained r using (kind)
        where e.index = new.index and e.kind = new.kind and e.at = new.at and r.rule = new.rule
    ) or not ledger.ended(new.kind, new.at) then
        raise exception 'append-only: the retention of event % has not ended', new.index
            using errcode = 'CSA01';
    end if;
    return new;
end $$;
create trigger only_ended before insert on ledger.pruned
    for each row execute function ledger.only_ended();
alter table ledger.pruned enable always trigger only_ended;

create function ledger.only_pruned() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select from ledger.pruned p where p.index = old.index and p.at = old.at)
        and ledger.ended(old.kind, old.at) then
        return old;
    end if;
    raise exception 'append-only: DELETE on ledger.event' using errcode = 'CSA01';
end $$;
drop trigger append_only on ledger.event;
create trigger append_only before update or truncate on ledger.event
    for each statement execute function house.append_only();
alter table ledger.event enable always trigger append_only;
create trigger only_pruned before delete on ledger.event
    for each row execute function ledger.only_pruned();
alter table ledger.event enable always trigger only_pruned;

-- What a search or a list returned, sealed, under the root that its event commits to.
create table ledger.returned (
    root bytea primary key check (octet_length(root) = 32),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null
);
alter table ledger.returned alter column box set storage external;

create function ledger.keep_returned(root bytea, suite smallint, key_id bigint, box bytea)
returns void
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
    insert into ledger.returned (root, suite, key_id, box)
    values (keep_returned.root, keep_returned.suite, keep_returned.key_id, keep_returned.box)
    on conflict do nothing
$$;

-- Records what is removed and removes it, in one transaction; returns the record's leaf.
create function ledger.prune(record bytea, chosen bigint[], by_rule text) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    place bigint;
    many bigint;
begin
    if convert_from(record, 'UTF8')::jsonb->>'kind' is distinct from 'payloads-pruned' then
        raise exception 'no record of pruning' using errcode = '22023';
    end if;
    place := ledger.append(array[record]);
    insert into ledger.pruned (index, at, kind, rule, record)
    select e.index, e.at, e.kind, by_rule, place from ledger.event e where e.index = any(chosen);
    get diagnostics many = row_count;
    if many <> cardinality(chosen) then
        raise exception 'events to be pruned are not there' using errcode = '22023';
    end if;
    delete from ledger.returned where root in (
        select decode(committed.value, 'hex') from ledger.event e
        cross join lateral jsonb_each_text(convert_from(e.body, 'UTF8')::jsonb->'commits')
            as committed
        where e.index = any(chosen) and jsonb_typeof(convert_from(e.body, 'UTF8')::jsonb->'commits')
            = 'object'
    );
    delete from ledger.event where index = any(chosen);
    return place;
end $$;

revoke execute on all functions in schema ledger from public;
grant execute on function
    ledger.cosign(bigint, text, text, timestamptz),
    ledger.disagree(timestamptz, text, text, bigint, bigint, text),
    ledger.keep_returned(bytea, smallint, bigint, bytea),
    ledger.prune(bytea, bigint[], text)
    to countersign_ledger;
grant select on ledger.cosignature, ledger.disagreement, ledger.retention, ledger.retained,
    ledger.pruned, ledger.returned
    to countersign_auditor, countersign_ledger;

-- What lies sealed here, and to which place each row is bound.
select vault.declare_sealed('ledger.returned', $$'returned/' || encode(root, 'hex')$$);
