-- Messages of other systems: kept sealed before they are acknowledged, processed in their order.
-- while serving: yes
create schema messages;
grant usage on schema messages to countersign_interface;

-- Which chart the identifier of another system belongs to: keyed hashes, no text.
create table messages.person (
    key bigint primary key,
    patient text not null check (patient <> '')
);

create table messages.incoming (
    id text primary key check (id <> ''),
    number bigint generated always as identity unique,  -- the order in which they are processed
    sender text not null check (length(sender) <= 500),
    control_id text not null check (length(control_id) <= 200),
    kind text not null check (length(kind) <= 40),
    version text not null check (length(version) <= 20),
    at timestamptz not null default clock_timestamp(),
    sha256 bytea not null check (octet_length(sha256) = 32),
    patient text not null check (patient <> ''),  -- under whose key it lies; the house's for none
    keys bigint[] not null,  -- hashes of the identifiers of the patients whom it names
    verdict text not null check (verdict in ('AA', 'AE', 'AR')),
    state text not null check (state in ('received', 'processed', 'failed', 'set-aside')),
    reason text not null default '' check (reason ~ '^[a-z0-9._-]{0,100}$'),
    notes text[] not null default '{}',
    attempts integer not null default 0 check (attempts >= 0),
    changed_at timestamptz not null default clock_timestamp(),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- the message as it came, sealed
    unique (sender, control_id, sha256),
    check ((state = 'failed') = (reason <> '') or state = 'set-aside')
);
create index on messages.incoming (number) where state in ('received', 'failed');
create index on messages.incoming (state, number desc);
create index on messages.incoming using gin (keys);

-- What a message is never changes. What became of it changes in these ways and no others.
create function messages.keep_incoming() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    becoming text[] := array['state', 'reason', 'notes', 'attempts', 'changed_at'];
    sealed text[] := array['suite', 'key_id', 'box'];
begin
    if tg_op = 'INSERT' then
        if new.state not in ('received', 'failed') then
            raise exception 'a message begins as received or failed' using errcode = 'CSM01';
        end if;
        return new;
    end if;
    if tg_op = 'DELETE' then
        if old.state not in ('processed', 'set-aside')
                or old.changed_at > clock_timestamp() - interval '30 days' then
            raise exception 'a message that is not done stays' using errcode = 'CSM02';
        end if;
        return old;
    end if;
    if (to_jsonb(new) - sealed) = (to_jsonb(old) - sealed) and exists (
            select from vault.resealing r where r.transaction = pg_current_xact_id()
            and r.name = 'messages.incoming') then
        return new;  -- the same message under a newer key
    end if;
    -- Sealed anew under the chart's own key, once it is known whose message it is.
    if (to_jsonb(new) - sealed - becoming - 'patient')
            <> (to_jsonb(old) - sealed - becoming - 'patient')
            or new.patient = old.patient and (to_jsonb(new) - becoming) <> (to_jsonb(old) - becoming)
            or new.patient <> old.patient and new.state <> 'processed' then
        raise exception 'a message stays as it came' using errcode = 'CSM03';
    end if;
    if (old.state, new.state) not in (
            ('received', 'processed'), ('received', 'failed'), ('failed', 'received'),
            ('failed', 'set-aside'), ('set-aside', 'received'), ('processed', 'received')) then
        raise exception 'a message that is % cannot become %', old.state, new.state
            using errcode = 'CSM04';
    end if;
    new.changed_at := clock_timestamp();
    return new;
end $$;
create trigger kept before insert or update or delete on messages.incoming
    for each row execute function messages.keep_incoming();
alter table messages.incoming enable always trigger kept;

-- What was released here and is sent to another system: one line for each release and system.
create table messages.peer (
    name text primary key check (name <> ''),
    since timestamptz not null default clock_timestamp()  -- releases from then on are sent
);
create table messages.outgoing (
    number bigint generated always as identity primary key,
    peer text not null references messages.peer (name),
    release_id text not null,
    patient text not null,
    released_at timestamptz not null,
    state text not null default 'waiting'
        check (state in ('waiting', 'sent', 'refused', 'withheld')),
    reason text not null default '' check (reason ~ '^[a-z0-9._-]{0,100}$'),
    attempts integer not null default 0,
    next_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    unique (peer, release_id)
);
create index on messages.outgoing (peer, number) where state = 'waiting';

create policy sent on release.released for select to countersign_interface
    using ((select house.scope_whole()));
grant usage on schema release to countersign_interface;
grant select on release.released to countersign_interface;

grant select, insert, update on messages.person to countersign_interface;
grant select, insert, update, delete on messages.incoming to countersign_interface;
grant select, insert, update on messages.outgoing to countersign_interface;
grant select, insert on messages.peer to countersign_interface;
grant usage on schema jobs to countersign_interface;
grant execute on function jobs.defer(text, jsonb, text, integer) to countersign_interface;
grant usage on schema ledger to countersign_interface;
grant execute on function ledger.append(bytea[]) to countersign_interface;
select ledger.permit('messages-received', 'countersign_interface');
select ledger.permit('messages-replayed', 'countersign_interface');
select ledger.permit('message-set-aside', 'countersign_interface');
select ledger.permit('message-sent', 'countersign_interface');
insert into ledger.retained (kind, rule) values
    ('messages-received', 'record'), ('messages-replayed', 'record'),
    ('message-set-aside', 'record'), ('message-sent', 'record');
select vault.declare_sealed('messages.incoming', $$'message/' || id$$);
