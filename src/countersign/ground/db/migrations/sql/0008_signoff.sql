-- The gate: drafts, signatures, releases.
--
-- released -> signature -> draft by composite foreign keys that carry the content hash;
-- the signer's licence, its kind and its dates are part of the key. Every table is
-- append-only. What is encrypted here is text about a patient; what stays readable is
-- what the database itself must check.

create schema signoff;
create schema release;
grant usage on schema signoff, release to
    countersign_room, countersign_signer, countersign_sender, countersign_auditor;

-- The hospital's calendar, by which a licence is valid "today": the day of the statement, not
-- that on which a long transaction began.
create function house.today() returns date language sql volatile
    as $$ select (clock_timestamp() at time zone 'Asia/Shanghai')::date $$;

-- The gate judges by what is committed now. A transaction that sees the past cannot pass it.
create function house.require_present() returns void language plpgsql as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'the gate is passed in read committed transactions alone'
            using errcode = 'CSG11';
    end if;
end $$;

create table signoff.draft (
    id text primary key,
    room text not null,
    kind text not null,
    patient text not null references chart.patient (patient),
    risk text not null check (risk in ('low', 'medium', 'high')),
    urgency text not null check (urgency in ('routine', 'soon', 'urgent', 'critical')),
    signer_kinds text[] not null check (
        cardinality(signer_kinds) > 0
        and signer_kinds <@ array['physician', 'senior_physician', 'pathologist']),
    -- Keyed hashes: the same finding on the same data, and what the finding is about.
    fingerprint bigint not null,
    topic bigint not null,
    corrects text,
    model_name text not null,
    model_version text not null,
    model_digest bytea not null,
    -- How much the encrypted explanation holds of each part that it must have.
    manifest jsonb not null check (
        manifest ?& array['rationale', 'evidence', 'limits', 'confidence',
                          'alternatives', 'model', 'inputs']
        and (manifest ->> 'rationale')::int > 0
        and (manifest ->> 'evidence')::int > 0
        and (manifest ->> 'limits')::int > 0
        and (manifest ->> 'inputs')::int > 0
        and (manifest ->> 'alternatives')::int >= 0
        and manifest ->> 'confidence' in ('given', 'reason')
        and manifest ->> 'model' = model_name || '@' || model_version),
    sha256 bytea not null check (octet_length(sha256) = 32),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,
    proposed_by text not null,
    proposed_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > proposed_at),
    -- The highest class needs a second signature, so somebody must be able to give it.
    check (risk <> 'high' or signer_kinds && array['senior_physician', 'pathologist']),
    unique (id, sha256, risk, patient),
    unique (id, patient),
    unique (room, patient, fingerprint),
    foreign key (corrects, patient) references signoff.draft (id, patient),
    foreign key (model_name, model_version, model_digest)
        references models.version (name, version, digest)
);
create index on signoff.draft (patient, proposed_at);
create index on signoff.draft (patient, room, topic);
create index on signoff.draft (model_name, model_version);

create table signoff.signature (
    id text primary key,
    draft_id text not null,
    draft_sha256 bytea not null,
    risk text not null,
    patient text not null,
    ordinal smallint not null check (ordinal in (1, 2)),
    signer_id text not null,
    licence_id text not null,
    licence_kind text not null
        check (licence_kind in ('physician', 'senior_physician', 'pathologist')),
    valid_from date not null,
    valid_to date not null,
    decision text not null
        check (decision in ('accepted', 'amended', 'rejected', 'countersigned')),
    reason_code text,
    signed_sha256 bytea check (octet_length(signed_sha256) = 32),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,
    signed_at timestamptz not null,
    signed_on date not null,
    foreign key (draft_id, draft_sha256, risk, patient)
        references signoff.draft (id, sha256, risk, patient),
    foreign key (licence_id, signer_id, licence_kind, valid_from, valid_to)
        references identity.licence (id, person_id, kind, valid_from, valid_to),
    check (signed_on between valid_from and valid_to),
    check (ordinal = 1 and decision <> 'countersigned'
           or ordinal = 2 and decision in ('countersigned', 'rejected')),
    check ((decision = 'rejected') = (signed_sha256 is null)),
    check ((decision = 'rejected') = (reason_code is not null)),
    check (decision <> 'accepted' or signed_sha256 = draft_sha256),
    check (decision <> 'amended' or signed_sha256 <> draft_sha256),
    unique (draft_id, ordinal),
    unique (draft_id, signer_id),
    unique (id, draft_id, ordinal, signer_id, signed_sha256, decision, risk, patient)
);
create index on signoff.signature (signer_id, signed_at);

-- A draft that nobody decided: past its time, or overtaken by a newer one on its topic.
create table signoff.expiry (
    draft_id text primary key references signoff.draft (id),
    cause text not null check (cause in ('time', 'superseded')),
    newer_id text references signoff.draft (id),
    at timestamptz not null,
    check ((cause = 'superseded') = (newer_id is not null))
);

-- The text that a physician is still writing; nothing that counts, so it may change.
create table signoff.working (
    draft_id text not null references signoff.draft (id),
    person_id text not null,
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,
    saved_at timestamptz not null,
    primary key (draft_id, person_id)
);

create table release.released (
    id text primary key,
    draft_id text not null unique,
    risk text not null,
    patient text not null,
    signed_sha256 bytea not null,
    decision text not null check (decision in ('accepted', 'amended')),
    signature_id text not null,
    first_ordinal smallint not null default 1 check (first_ordinal = 1),
    signer_id text not null,
    second_signature_id text,
    second_ordinal smallint check (second_ordinal = 2),
    second_signer_id text,
    second_decision text check (second_decision = 'countersigned'),
    -- What it writes (Type/id) in the order of the draft, so that a correction finds each again.
    targets text[] not null check (cardinality(targets) > 0),
    released_at timestamptz not null,
    transaction xid8 not null,
    check (second_signer_id <> signer_id),
    check ((second_signature_id is null) = (second_ordinal is null)
       and (second_signature_id is null) = (second_signer_id is null)
       and (second_signature_id is null) = (second_decision is null)),
    check (risk <> 'high' or second_signature_id is not null),
    foreign key (signature_id, draft_id, first_ordinal, signer_id, signed_sha256, decision,
                 risk, patient)
        references signoff.signature (id, draft_id, ordinal, signer_id, signed_sha256, decision,
                                      risk, patient),
    foreign key (second_signature_id, draft_id, second_ordinal, second_signer_id, signed_sha256,
                 second_decision, risk, patient)
        references signoff.signature (id, draft_id, ordinal, signer_id, signed_sha256, decision,
                                      risk, patient),
    unique (id, patient)
);
create index on release.released (patient, released_at);

alter table chart.version
    add foreign key (release_id) references release.released (id),
    add foreign key (release_id, patient) references release.released (id, patient);

-- Whether a signer may still sign: neither the licence revoked nor the person gone.
create function signoff.require_licence(given signoff.signature) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if exists (select from identity.licence_revocation r where r.licence_id = given.licence_id)
       or exists (select from identity.person p
                  where p.id = given.signer_id and p.left_at is not null) then
        raise exception 'the licence counts no more' using errcode = 'CSG02';
    end if;
end $$;
revoke execute on function signoff.require_licence(signoff.signature) from public;

-- Whether this very transaction appended the leaf that tells of the row. The append holds the
-- lock on the ledger's head until the commit; Stop AI and revocations append as well. So what
-- is checked after it holds at the commit, however long ago the transaction began.
create function signoff.require_leaf(
    _draft text, _kind text, _actor text, _commit text, _hash bytea) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (
            select from ledger.event e
            where e.subject = 'draft:' || _draft and e.kind = _kind
              and (_actor is null or e.actor = _actor)
              and e.xmin = pg_current_xact_id()::xid
              and (_hash is null or convert_from(e.body, 'UTF8')::jsonb #>> array['commits', _commit]
                   = encode(_hash, 'hex'))) then
        raise exception 'no leaf of this transaction tells of it' using errcode = 'CSG12';
    end if;
end $$;
revoke execute on function signoff.require_leaf(text, text, text, text, bytea) from public;

-- Who may decide what is checked again here, below every program.
create function signoff.check_signature() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    draft signoff.draft;
    earlier signoff.signature;
begin
    perform house.require_present();
    -- An expiry holds this lock: whoever comes second sees what the first one did.
    select * into strict draft from signoff.draft where id = new.draft_id for key share;
    new.signed_at := clock_timestamp();
    new.signed_on := house.today();
    if not new.licence_kind = any (draft.signer_kinds) then
        raise exception 'licence kind % may not decide this draft', new.licence_kind
            using errcode = 'CSG01';
    end if;
    perform signoff.require_licence(new);
    if exists (select from signoff.expiry e where e.draft_id = new.draft_id)
       or new.ordinal = 1 and draft.expires_at <= clock_timestamp() then
        raise exception 'the draft has expired' using errcode = 'CSG03';
    end if;
    if new.decision <> 'rejected' and models.ai_stopped() then
        raise exception 'AI is stopped' using errcode = 'CSG04';
    end if;
    if not exists (select from ledger.event e
                   where e.kind = 'draft-viewed' and e.actor = 'person:' || new.signer_id
                     and e.subject = 'draft:' || new.draft_id) then
        raise exception 'nobody decides a draft unseen' using errcode = 'CSG05';
    end if;
    if new.ordinal = 2 then
        select * into earlier from signoff.signature s
            where s.draft_id = new.draft_id and s.ordinal = 1;
        if earlier.id is null or earlier.decision = 'rejected' or draft.risk <> 'high' then
            raise exception 'there is nothing to countersign' using errcode = 'CSG06';
        end if;
        if new.licence_kind = 'physician' then
            raise exception 'a countersignature needs a senior licence' using errcode = 'CSG07';
        end if;
        if new.decision = 'countersigned' and new.signed_sha256 <> earlier.signed_sha256 then
            raise exception 'a countersignature signs the same content' using errcode = 'CSG08';
        end if;
        -- What was seen before the first signature is not what that signature made of it.
        if (select max(e.index) from ledger.event e
            where e.kind = 'draft-viewed' and e.actor = 'person:' || new.signer_id
              and e.subject = 'draft:' || new.draft_id)
           < (select max(e.index) from ledger.event e
              where e.kind = 'draft-signed' and e.subject = 'draft:' || new.draft_id) then
            raise exception 'nobody countersigns what they did not see' using errcode = 'CSG05';
        end if;
    end if;
    return new;
end $$;
create trigger checked before insert on signoff.signature
    for each row execute function signoff.check_signature();
alter table signoff.signature enable always trigger checked;

create function signoff.settle_signature() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform house.require_present();
    perform signoff.require_leaf(
        new.draft_id,
        case when new.decision = 'rejected' then 'draft-rejected' else 'draft-signed' end,
        'person:' || new.signer_id, 'draft', new.draft_sha256);
    if new.signed_sha256 is not null then
        perform signoff.require_leaf(
            new.draft_id, 'draft-signed', 'person:' || new.signer_id, 'signed', new.signed_sha256);
    end if;
    if new.decision <> 'rejected' and models.ai_stopped() then
        raise exception 'AI is stopped' using errcode = 'CSG04';
    end if;
    perform signoff.require_licence(new);
    return null;
end $$;
create constraint trigger settled after insert on signoff.signature
    deferrable initially deferred for each row execute function signoff.settle_signature();
alter table signoff.signature enable always trigger settled;

-- No room proposes anything anywhere while AI is stopped.
create function signoff.check_draft() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    validity interval := new.expires_at - new.proposed_at;
begin
    perform house.require_present();
    if models.ai_stopped() then
        raise exception 'AI is stopped' using errcode = 'CSG04';
    end if;
    if new.corrects is not null and not exists (
            select from release.released r where r.draft_id = new.corrects) then
        raise exception 'nothing was released that could be corrected' using errcode = 'CSG13';
    end if;
    -- One after the other on one topic, so that the later supersedes the earlier.
    perform pg_advisory_xact_lock(hashtextextended(new.room || ' ' || new.patient, new.topic));
    new.proposed_at := clock_timestamp();
    new.expires_at := new.proposed_at + validity;
    return new;
end $$;
create trigger checked before insert on signoff.draft
    for each row execute function signoff.check_draft();
alter table signoff.draft enable always trigger checked;

create function signoff.settle_draft() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform house.require_present();
    perform signoff.require_leaf(new.id, 'draft-proposed', new.proposed_by, 'content', new.sha256);
    if models.ai_stopped() then
        raise exception 'AI is stopped' using errcode = 'CSG04';
    end if;
    return null;
end $$;
create constraint trigger settled after insert on signoff.draft
    deferrable initially deferred for each row execute function signoff.settle_draft();
alter table signoff.draft enable always trigger settled;

-- Only what is past its time, or overtaken on its own topic, may expire, and only undecided.
create function signoff.check_expiry() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    old_draft signoff.draft;
begin
    perform house.require_present();
    new.at := clock_timestamp();
    select * into strict old_draft from signoff.draft where id = new.draft_id for update;
    if new.cause = 'time' and old_draft.expires_at > clock_timestamp() then
        raise exception 'the draft is still valid' using errcode = 'CSG09';
    end if;
    if new.cause = 'superseded' and not exists (
            select from signoff.draft d
            where d.id = new.newer_id and d.id <> old_draft.id
              and d.patient = old_draft.patient and d.room = old_draft.room
              and d.topic = old_draft.topic and d.proposed_at >= old_draft.proposed_at) then
        raise exception 'nothing newer on this topic' using errcode = 'CSG09';
    end if;
    if exists (select from signoff.signature s where s.draft_id = new.draft_id) then
        raise exception 'the draft is decided' using errcode = 'CSG09';
    end if;
    return new;
end $$;
create trigger checked before insert on signoff.expiry
    for each row execute function signoff.check_expiry();
alter table signoff.expiry enable always trigger checked;

create function signoff.settle_expiry() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform signoff.require_leaf(new.draft_id, 'draft-expired', null, null, null);
    return null;
end $$;
create constraint trigger settled after insert on signoff.expiry
    deferrable initially deferred for each row execute function signoff.settle_expiry();
alter table signoff.expiry enable always trigger settled;

-- The transaction that releases is written down, so that nothing can be added to it later.
create function release.check_released() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform house.require_present();
    new.released_at := clock_timestamp();
    new.transaction := pg_current_xact_id();
    return new;
end $$;
create trigger checked before insert on release.released
    for each row execute function release.check_released();
alter table release.released enable always trigger checked;

create function release.settle_released() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform signoff.require_leaf(
        new.draft_id, 'released', 'person:' || new.signer_id, 'signed', new.signed_sha256);
    return null;
end $$;
create constraint trigger settled after insert on release.released
    deferrable initially deferred for each row execute function release.settle_released();
alter table release.released enable always trigger settled;

-- A released version belongs to a release of this very transaction, to its patient and to what
-- it says it writes: nothing can be added to an old release, and nothing of another system is
-- overwritten.
create function release.check_version() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if new.origin = 'released' and not exists (
            select from release.released r
            where r.id = new.release_id and r.transaction = pg_current_xact_id()
              and r.patient = new.patient
              and new.type || '/' || new.id = any (r.targets)) then
        raise exception 'no release of this transaction' using errcode = 'CSG10';
    end if;
    if new.origin = 'released' and new.version > 1
       and chart.origin_before(new.type, new.id, new.version) is distinct from 'released' then
        raise exception 'a release corrects only what was released' using errcode = 'CSG10';
    end if;
    return new;
end $$;
create trigger released before insert on chart.version
    for each row execute function release.check_version();
alter table chart.version enable always trigger released;

-- Where each draft stands, derived from what was written and from nothing else.
create view signoff.state as
select d.id, d.room, d.kind, d.patient, d.risk, d.urgency, d.signer_kinds, d.topic,
       d.model_name || '@' || d.model_version as model, encode(d.sha256, 'hex') as sha256,
       d.proposed_at, d.expires_at, d.corrects,
       case
           when r.id is not null then 'released'
           when first.decision = 'rejected' or second.decision = 'rejected' then 'rejected'
           when e.cause = 'time' then 'expired'
           when e.cause = 'superseded' then 'superseded'
           when first.id is not null and d.risk = 'high' and second.id is null
               then 'countersignature'
           when first.id is not null then 'signed'
           else 'open'
       end as state,
       coalesce(second.signed_at, first.signed_at, e.at) as decided_at,
       first.signer_id as first_signer, second.signer_id as second_signer,
       first.decision, coalesce(second.reason_code, first.reason_code) as reason_code,
       r.id as release_id, r.released_at, e.newer_id
from signoff.draft d
left join signoff.signature first on first.draft_id = d.id and first.ordinal = 1
left join signoff.signature second on second.draft_id = d.id and second.ordinal = 2
left join signoff.expiry e on e.draft_id = d.id
left join release.released r on r.draft_id = d.id;

select house.seal('signoff.draft');
select house.seal('signoff.signature');
select house.seal('signoff.expiry');
select house.seal('release.released');

grant select on signoff.state to
    countersign_room, countersign_signer, countersign_sender, countersign_auditor;
grant select, insert on signoff.draft, signoff.expiry to countersign_room;
grant select on signoff.signature, release.released to countersign_room;
grant select, insert, update, delete on signoff.working to countersign_room;
grant select, insert on signoff.signature to countersign_signer;
grant select on signoff.draft, signoff.expiry, release.released to countersign_signer;
grant select, insert on release.released to countersign_sender;
grant select on signoff.draft, signoff.signature to countersign_sender;
grant select on signoff.draft, signoff.signature, signoff.expiry, release.released
    to countersign_auditor;
