-- keeps: nothing that is needed; the collector gets everything again from the first event on
drop table identity.logout;
drop function ledger.forward(text, bigint, bigint, timestamptz);
drop table ledger.forwarded;
