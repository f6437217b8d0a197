-- What readers leave behind for curators and colleagues stays within departments and reaches.
-- while serving: yes

-- A question that found nothing is for the curators of the departments of whoever asked. "*" is
-- for all curators only where it stands alone: whoever asked belongs to no department.
drop policy kept on library.asked;
create policy kept on library.asked for select to countersign_library using (
    (select house.scope_whole())
    or case when departments <@ '{*}'::text[] then '*' = any ((select house.scope_shelves())::text[])
       else array_remove(departments, '*') && (select house.scope_shelves()) end);

-- A passage that somebody found helpful for a question: both as keyed hashes, in the reach in which
-- it was said. The verdict itself is the feedback.
create table library.helped (
    feedback text primary key references library.feedback (id),
    document text not null references library.document (id),
    reach text not null,
    question bigint not null,
    passage bigint not null,
    actor text not null
);
create index on library.helped (reach, question);
select house.seal('library.helped');
alter table library.helped enable row level security;
create policy seen on library.helped for select to countersign_library using (
    (select house.scope_whole()) or reach = any ((select house.scope_reaches())::text[]));
create policy said on library.helped for insert to countersign_library with check (
    reach = any ((select house.scope_reaches())::text[]) and exists (
        select from library.current c where c.document = helped.document
        and c.reach = helped.reach and c.state = 'published'));
grant select, insert on library.helped to countersign_library;

-- The steps of a collection of cases are seen and written by those who see the collection.
alter table cases.step enable row level security;
create policy seen on cases.step for select to countersign_room using (
    exists (select from cases.collection c where c.id = step.collection_id));
create policy made on cases.step for insert to countersign_room with check (
    exists (select from cases.collection c where c.id = step.collection_id));
