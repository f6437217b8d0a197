-- Background work: Procrastinate's tables lie in the schema jobs (the revision applies its
-- migrations there); the worker's connection has search_path = jobs, everything else goes
-- through the functions below.

-- A job that has begun no longer merges with the ones that come after it. Without this a
-- retry would collide with a newer job of the same lock and stay "doing" for ever.
create function jobs.begin_job() returns trigger
    language plpgsql set search_path = jobs, pg_temp as $$
begin
    new.queueing_lock := null;
    return new;
end $$;
create trigger countersign_begin_job before update of status on jobs.procrastinate_jobs
    for each row when (old.status = 'todo' and new.status <> 'todo')
    execute function jobs.begin_job();

-- How far a job has come; the note is a code that pages translate.
create table jobs.progress (
    job_id bigint primary key references jobs.procrastinate_jobs on delete cascade,
    done bigint not null check (done >= 0),
    total bigint check (total >= 0),
    note text not null check (note ~ '^[a-z0-9.-]{0,64}$'),
    at timestamptz not null default now()
);

-- Why an attempt failed: a code and a type, never text that could hold clinical content.
create table jobs.failure (
    id bigint generated always as identity primary key,
    job_id bigint not null references jobs.procrastinate_jobs on delete cascade,
    at timestamptz not null default now(),
    code text not null check (length(code) <= 128),
    type text not null check (length(type) <= 128)
);
create index on jobs.failure (job_id, id desc);

-- When a periodic task was last deferred by any process.
create table jobs.periodic (
    task text primary key,
    deferred_at timestamptz not null
);

create function jobs.wake(_id bigint) returns void
    language sql set search_path = jobs, pg_temp as $$
    select pg_notify('procrastinate_any_queue_v1',
        json_build_object('type', 'job_inserted', 'job_id', _id)::text)
$$;

-- Queues a job within the caller's transaction and returns its id. While a job with the
-- same task and lock waits, the second is merged into it; the row lock taken by the merge
-- keeps a worker from starting that job before the caller's data is committed.
-- Arguments are identifiers only: plain ASCII, at most 4,000 characters.
create function jobs.defer(_task text, _args jsonb, _lock text, _priority integer)
    returns bigint
    language plpgsql security definer set search_path = jobs, pg_temp as $$
declare
    _held text := _task || ' ' || _lock;
    _id bigint;
begin
    if jsonb_typeof(_args) <> 'object' or length(_args::text) > 4000
       or _args::text ~ '[^ -~]' or _task !~ '^[a-z0-9.-]{1,100}$' then
        raise exception 'a job takes identifiers only' using errcode = 'CSJ01';
    end if;
    insert into procrastinate_jobs as waiting
        (queue_name, task_name, priority, lock, queueing_lock, args)
    values ('countersign', _task, _priority, _held, _held, _args)
    on conflict (queueing_lock) where status = 'todo'
    do update set priority = greatest(waiting.priority, excluded.priority)
    returning waiting.id into _id;
    perform jobs.wake(_id);
    return _id;
end $$;

-- Defers those periodic tasks whose time has come, once among all processes.
create function jobs.defer_due(_tasks text[], _seconds double precision[])
    returns void
    language plpgsql set search_path = jobs, pg_temp as $$
declare
    _task text;
begin
    for _task in
        insert into periodic as known (task, deferred_at)
        select wanted.task, clock_timestamp()
        from unnest(_tasks, _seconds) as wanted (task, seconds)
        left join periodic as seen on seen.task = wanted.task
        where seen.task is null
           or seen.deferred_at <= clock_timestamp() - make_interval(secs => wanted.seconds)
        order by wanted.task
        on conflict (task) do update set deferred_at = excluded.deferred_at
        where known.deferred_at <= excluded.deferred_at - make_interval(
            secs => _seconds[array_position(_tasks, known.task)])
        returning known.task
    loop
        perform jobs.defer(_task, '{}', 'periodic', 0);
    end loop;
end $$;

-- Takes jobs from workers that gave no sign of life and queues them again; a job that was
-- lost more often than `_retries` goes to the dead letters. Returns how many it found.
create function jobs.rescue(_silent_seconds double precision, _retries integer)
    returns integer
    language plpgsql set search_path = jobs, pg_temp as $$
declare
    _lost record;
    _found integer := 0;
begin
    perform procrastinate_prune_stalled_workers_v1(_silent_seconds);
    for _lost in
        select id, attempts from procrastinate_jobs
        where status = 'doing' and worker_id is null
        order by id for update skip locked
    loop
        insert into failure (job_id, code, type) values (_lost.id, 'jobs.worker-lost', '');
        if _lost.attempts >= _retries then
            perform procrastinate_finish_job_v1(_lost.id, 'failed', false);
        else
            perform procrastinate_retry_job_v2(_lost.id, clock_timestamp(), null, null, null);
            perform jobs.wake(_lost.id);
        end if;
        _found := _found + 1;
    end loop;
    return _found;
end $$;

-- Queues a dead letter again with all its attempts and returns its task, or null when the
-- job is none.
create function jobs.retry(_id bigint) returns text
    language plpgsql set search_path = jobs, pg_temp as $$
declare
    _task text;
begin
    update procrastinate_jobs
    set status = 'todo', attempts = 0, scheduled_at = null, worker_id = null
    where id = _id and status = 'failed'
    returning task_name into _task;
    if _task is not null then
        delete from progress where job_id = _id;
        perform jobs.wake(_id);
    end if;
    return _task;
end $$;

-- Deletes what succeeded long ago; failed jobs stay until somebody retries them.
create function jobs.sweep(_keep interval) returns void
    language sql set search_path = jobs, pg_temp as $$
    delete from procrastinate_jobs as job
    where job.status = 'succeeded' and not exists (
        select from procrastinate_events as event
        where event.job_id = job.id and event.at > now() - _keep)
$$;

revoke execute on all functions in schema jobs from public;
grant usage on schema jobs to countersign_jobs, countersign_receiver, countersign_room,
    countersign_steward, countersign_signer, countersign_sender;
grant execute on function jobs.defer(text, jsonb, text, integer) to countersign_receiver,
    countersign_room, countersign_steward, countersign_signer, countersign_sender;
grant execute on all functions in schema jobs to countersign_jobs;
grant select, insert, update, delete on all tables in schema jobs to countersign_jobs;
grant usage on all sequences in schema jobs to countersign_jobs;
