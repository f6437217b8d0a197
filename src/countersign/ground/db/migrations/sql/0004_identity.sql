-- People, sessions, care relations.
select 1;
