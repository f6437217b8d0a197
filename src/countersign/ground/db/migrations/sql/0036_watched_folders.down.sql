-- keeps: every document that came from a folder; the folders themselves are no longer watched.
drop table library.watched_file, library.watch_look, library.watch_end, library.watch;
delete from vault.sealed_table where name in ('library.watch', 'library.watch_look');
delete from ledger.recorder where kind in ('folder-watched', 'folder-unwatched');
