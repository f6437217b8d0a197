-- keeps: every verdict of readers; for which question a passage was found helpful is forgotten.
drop policy seen on cases.step;
drop policy made on cases.step;
alter table cases.step disable row level security;
drop table library.helped;
drop policy kept on library.asked;
create policy kept on library.asked for select to countersign_library using (
    (select house.scope_whole()) or departments && (select house.scope_shelves()));
