-- Lists of a million slides, and a queue of as many jobs, walk an index for what they show or take.
-- while serving: yes
create index standing_state_stain on slides.standing (state, stain, number);

-- The next job is the first whose lock no other holds: without this all that wait are looked at.
create index waiting_lock on jobs.procrastinate_jobs (lock)
    where status in ('todo', 'doing');
