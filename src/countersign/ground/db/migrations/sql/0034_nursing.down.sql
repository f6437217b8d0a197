-- keeps: what nurses signed stays as it was signed; nothing new of theirs is taken.
alter table signoff.signature drop constraint signature_licence_kind_check;
alter table signoff.signature add constraint signature_licence_kind_check check (
    licence_kind in ('physician', 'senior_physician', 'pathologist')) not valid;
alter table signoff.draft drop constraint draft_signer_kinds_check;
alter table signoff.draft add constraint draft_signer_kinds_check check (
    cardinality(signer_kinds) > 0
    and signer_kinds <@ array['physician', 'senior_physician', 'pathologist']) not valid;
