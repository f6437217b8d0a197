-- Medication safety: orders that were checked, what became of each alert, and the pharmacy's rules.
-- while serving: yes

-- One check of one order, as it was shown: the order, its alerts and what was missing, sealed.
create table signoff.order_check (
    id text primary key check (id <> ''),
    patient text not null,
    person_id text not null,
    model text not null check (model ~ '^.+@.+$'),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,
    at timestamptz not null default clock_timestamp()
);
create index on signoff.order_check (patient, at desc);
select house.seal('signoff.order_check');

create function signoff.check_order_check() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if models.ai_stopped() then
        raise exception 'AI is stopped' using errcode = 'CSG04';
    end if;
    if models.is_recalled('model:' || new.model) then
        raise exception 'the rule pack is recalled' using errcode = 'CSG14';
    end if;
    return new;
end $$;
create trigger checked before insert on signoff.order_check
    for each row execute function signoff.check_order_check();
alter table signoff.order_check enable always trigger checked;

-- What was answered to a check; the words, if any, sealed. Once.
create table signoff.order_answer (
    check_id text primary key references signoff.order_check (id),
    outcome text not null check (outcome in ('kept', 'changed', 'withdrawn')),
    suite smallint not null,
    key_id bigint not null,
    box bytea not null,
    actor text not null,
    at timestamptz not null default clock_timestamp()
);
select house.seal('signoff.order_answer');

-- Alerts by rule, to count them: they name no patient and nobody, and bear a day alone. Only the
-- sealed check knows which are its own.
create table signoff.alert (
    id text primary key check (id <> ''),
    rule text not null,
    pack text not null,
    level text not null check (level in ('interrupt', 'inform', 'silent')),
    day date not null
);
create index on signoff.alert (rule, day);
select house.seal('signoff.alert');

create table signoff.alert_answer (
    alert_id text primary key references signoff.alert (id),
    answer text not null check (answer in ('accepted', 'overridden')),
    reason text not null check ((answer = 'overridden') = (reason <> ''))
);
select house.seal('signoff.alert_answer');

-- The pharmacy's versions of a rule: its level, and the whole rule where it is a local one. The
-- newest of a rule is in force.
create table signoff.medication_rule (
    id bigint generated always as identity primary key,
    rule text not null check (rule <> ''),
    level text not null check (level in ('interrupt', 'inform', 'silent', 'off')),
    content jsonb,
    reason text not null check (length(reason) >= 5),
    actor text not null,
    at timestamptz not null default clock_timestamp()
);
create index on signoff.medication_rule (rule, id desc);
select house.seal('signoff.medication_rule');

-- What the pharmacy committee decided about a rule that nobody follows, with the counts it saw.
create table signoff.medication_verdict (
    id bigint generated always as identity primary key,
    rule text not null check (rule <> ''),
    decision text not null check (decision in ('keep', 'soften', 'switch-off', 'rewrite')),
    reason text not null check (length(reason) >= 5),
    answered integer not null check (answered >= 0),
    overridden integer not null check (overridden between 0 and answered),
    actor text not null,
    at timestamptz not null default clock_timestamp()
);
select house.seal('signoff.medication_verdict');

grant select, insert on signoff.order_check, signoff.order_answer, signoff.alert,
    signoff.alert_answer, signoff.medication_rule, signoff.medication_verdict to countersign_room;

select ledger.permit('order-checked', 'countersign_room');
select ledger.permit('alerts-answered', 'countersign_room');
select ledger.permit('medication-rule-changed', 'countersign_room');
select ledger.permit('medication-rule-judged', 'countersign_room');
insert into ledger.retained (kind, rule) values
    ('order-checked', 'record'), ('alerts-answered', 'record'),
    ('medication-rule-changed', 'record'), ('medication-rule-judged', 'record');
select vault.declare_sealed('signoff.order_check', $$'order-check/' || id$$);
select vault.declare_sealed('signoff.order_answer', $$'order-answer/' || check_id$$);
