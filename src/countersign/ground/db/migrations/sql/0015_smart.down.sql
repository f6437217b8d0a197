-- Back to a release that knows no apps. Every app has to be registered again afterwards; what
-- was granted and done through apps stays in the ledger.

drop table identity.app_assertion, identity.app_token, identity.app_grant, identity.app_request,
    identity.app_launch, identity.app;
