-- Pre-consultation: protocols that a physician signs, links for one visit each, what patients tell.
-- while serving: yes
create schema interviews;
grant usage on schema interviews to countersign_room;

-- What patients may be asked and told. Nothing of a patient is in it.
create table interviews.protocol (
    id text primary key check (id <> ''),
    number bigint generated always as identity unique,
    content jsonb not null,
    sha256 bytea not null check (octet_length(sha256) = 32),
    actor text not null,
    at timestamptz not null default clock_timestamp()
);
select house.seal('interviews.protocol');
create table interviews.protocol_step (
    protocol_id text not null references interviews.protocol (id),
    state text not null check (state in ('signed', 'withdrawn')),
    actor text not null,
    at timestamptz not null default clock_timestamp(),
    primary key (protocol_id, state)
);
select house.seal('interviews.protocol_step');

create function interviews.check_protocol_step() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if new.state = 'withdrawn' and not exists (
            select from interviews.protocol_step s
            where s.protocol_id = new.protocol_id and s.state = 'signed') then
        raise exception 'what was never signed cannot be withdrawn' using errcode = 'CSI01';
    end if;
    return new;
end $$;
create trigger checked before insert on interviews.protocol_step
    for each row execute function interviews.check_protocol_step();
alter table interviews.protocol_step enable always trigger checked;

create view interviews.protocol_state with (security_invoker = true) as
select p.*, case when w.protocol_id is not null then 'withdrawn'
                 when s.protocol_id is not null then 'signed' else 'draft' end as state,
       s.actor as signed_by, s.at as signed_at
from interviews.protocol p
left join interviews.protocol_step s on s.protocol_id = p.id and s.state = 'signed'
left join interviews.protocol_step w on w.protocol_id = p.id and w.state = 'withdrawn';

-- One link for one visit. Its secret is never here, only the hash of it.
create table interviews.interview (
    id text primary key check (id <> ''),
    patient text not null check (patient <> ''),
    department text not null,
    protocol_id text not null references interviews.protocol (id),
    secret_sha256 bytea not null unique check (octet_length(secret_sha256) = 32),
    expires_at timestamptz not null,
    actor text not null,
    at timestamptz not null default clock_timestamp()
);
create index on interviews.interview (patient);
create index on interviews.interview (at desc);
select house.seal('interviews.interview');

-- No link without a protocol that a physician signed and nobody withdrew.
create function interviews.check_interview() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (select from interviews.protocol_step s
                   where s.protocol_id = new.protocol_id and s.state = 'signed')
            or exists (select from interviews.protocol_step s
                       where s.protocol_id = new.protocol_id and s.state = 'withdrawn') then
        raise exception 'the protocol is not in force' using errcode = 'CSI02';
    end if;
    if new.expires_at > clock_timestamp() + interval '15 days' then
        raise exception 'a link lives for 15 days at most' using errcode = 'CSI03';
    end if;
    return new;
end $$;
create trigger checked before insert on interviews.interview
    for each row execute function interviews.check_interview();
alter table interviews.interview enable always trigger checked;

create table interviews.step (
    interview_id text not null references interviews.interview (id),
    state text not null check (state in ('opened', 'sent', 'revoked')),
    actor text not null,
    at timestamptz not null default clock_timestamp(),
    primary key (interview_id, state)
);
select house.seal('interviews.step');

-- Each answer as it was given; a later one of the same item stands in its place.
create table interviews.entry (
    interview_id text not null references interviews.interview (id),
    number integer not null check (number between 1 and 500),
    at timestamptz not null default clock_timestamp(),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,
    primary key (interview_id, number)
);
select house.seal('interviews.entry');

create function interviews.check_entry() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_advisory_xact_lock(hashtext('interviews.entry/' || new.interview_id));
    if exists (select from interviews.step s where s.interview_id = new.interview_id
               and s.state in ('sent', 'revoked'))
            or exists (select from interviews.interview i where i.id = new.interview_id
                       and i.expires_at <= clock_timestamp()) then
        raise exception 'the interview is closed' using errcode = 'CSI04';
    end if;
    return new;
end $$;
create trigger checked before insert on interviews.entry
    for each row execute function interviews.check_entry();
alter table interviews.entry enable always trigger checked;

create table interviews.attachment (
    id text primary key check (id <> ''),
    interview_id text not null references interviews.interview (id),
    media text not null check (media in ('image/jpeg', 'application/pdf')),
    size integer not null check (size between 1 and 10485760),
    at timestamptz not null default clock_timestamp(),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,  -- the key of the stream, sealed
    content bytea not null  -- the stream, sealed chunk by chunk
);
create index on interviews.attachment (interview_id);
select house.seal('interviews.attachment');

-- A danger that was told. Which one lies sealed; that there is one must be found quickly.
create table interviews.alert (
    id text primary key check (id <> ''),
    interview_id text not null references interviews.interview (id),
    urgent boolean not null,  -- a rule spoke or the patient said so; otherwise only suspected
    at timestamptz not null default clock_timestamp(),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null
);
create index on interviews.alert (interview_id);
select house.seal('interviews.alert');
create table interviews.acknowledgement (
    alert_id text primary key references interviews.alert (id),
    actor text not null,
    at timestamptz not null default clock_timestamp()
);
select house.seal('interviews.acknowledgement');

alter table interviews.interview enable row level security;
create policy seen on interviews.interview for select to countersign_room using (
    (select house.scope_whole())
    or exists (select from chart.patient p where p.patient = interview.patient));
create policy made on interviews.interview for insert to countersign_room with check (
    (select house.scope_whole())
    or exists (select from chart.patient p where p.patient = interview.patient));
alter table interviews.step enable row level security;
create policy seen on interviews.step to countersign_room using (
    exists (select from interviews.interview i where i.id = interview_id));
alter table interviews.entry enable row level security;
create policy seen on interviews.entry to countersign_room using (
    exists (select from interviews.interview i where i.id = interview_id));
alter table interviews.attachment enable row level security;
create policy seen on interviews.attachment to countersign_room using (
    exists (select from interviews.interview i where i.id = interview_id));
alter table interviews.alert enable row level security;
create policy seen on interviews.alert to countersign_room using (
    exists (select from interviews.interview i where i.id = interview_id));
alter table interviews.acknowledgement enable row level security;
create policy seen on interviews.acknowledgement to countersign_room using (
    exists (select from interviews.alert a where a.id = alert_id));

grant select, insert on interviews.protocol, interviews.protocol_step, interviews.interview,
    interviews.step, interviews.entry, interviews.attachment, interviews.alert,
    interviews.acknowledgement to countersign_room;
grant select on interviews.protocol_state to countersign_room;

select ledger.permit('protocol-changed', 'countersign_room');
select ledger.permit('interview-invited', 'countersign_room');
select ledger.permit('interview-opened', 'countersign_room');
select ledger.permit('interview-sent', 'countersign_room');
select ledger.permit('interview-revoked', 'countersign_room');
select ledger.permit('interview-read', 'countersign_ledger');
select ledger.permit('danger-told', 'countersign_room');
select ledger.permit('danger-acknowledged', 'countersign_room');
insert into ledger.retained (kind, rule) values
    ('protocol-changed', 'record'), ('interview-invited', 'record'),
    ('interview-opened', 'record'), ('interview-sent', 'record'),
    ('interview-revoked', 'record'), ('interview-read', 'process'), ('danger-told', 'record'),
    ('danger-acknowledged', 'record');
select vault.declare_sealed('interviews.entry', $$'interview/' || interview_id || '/' || number$$);
select vault.declare_sealed('interviews.attachment', $$'stream/interview-attachment/' || id$$);
select vault.declare_sealed('interviews.alert', $$'interview-alert/' || id$$);
