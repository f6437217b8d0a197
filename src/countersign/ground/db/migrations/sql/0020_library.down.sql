-- Back to a house without a library: every document goes; the ledger keeps that they were.
drop table library.feedback, library.opened, library.asked, library.shown, library.current,
    library.change, library.text, library.piece, library.version, library.document cascade;
drop schema library cascade;
drop function house.scope_reaches(), house.scope_shelves();
delete from vault.sealed_table where name in (
    'library.version', 'library.text', 'library.change', 'library.asked', 'library.feedback');
revoke execute on function jobs.defer(text, jsonb, text, integer) from countersign_library;
revoke usage on schema jobs from countersign_library;
revoke execute on function ledger.append(bytea[]) from countersign_library;
revoke usage on schema ledger from countersign_library;
delete from ledger.retained where kind in ('document-opened', 'library-searched');
delete from identity.role_grant where role = 'curator';
alter table identity.role_grant drop constraint role_grant_role_check;
alter table identity.role_grant add constraint role_grant_role_check check (role in (
    'physician', 'senior_physician', 'nurse', 'laboratory_technician', 'pathologist',
    'pharmacist', 'patient', 'researcher', 'auditor', 'administrator', 'security_officer'));
