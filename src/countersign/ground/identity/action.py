"""Everything that a page, an endpoint or a job can ask to do."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """One for each thing; the policies name them one by one."""

    PATIENTS_LIST = "patients_list"
    CHART_READ = "chart_read"
    CHART_RECEIVE = "chart_receive"
    CHART_IMPORT = "chart_import"
    FHIR_READ = "fhir_read"
    FHIR_WRITE = "fhir_write"
    RESEARCH_READ = "research_read"
    RESEARCH_INCLUDE = "research_include"
    CASES_READ = "cases_read"
    CASES_CURATE = "cases_curate"
    ORDER_CHECK = "order_check"
    PHARMACY_READ = "pharmacy_read"
    PHARMACY_CHANGE = "pharmacy_change"
    TEACHING_USE = "teaching_use"
    INTERVIEW_INVITE = "interview_invite"
    INTERVIEW_DESK = "interview_desk"
    INTERVIEW_READ = "interview_read"
    PROTOCOL_SIGN = "protocol_sign"
    LABEL_CHANGE = "label_change"
    LABEL_RULES = "label_rules"
    CONSENT_RECORD = "consent_record"
    GLASS_SEARCH = "glass_search"
    GLASS_BREAK = "glass_break"
    GLASS_REVIEW = "glass_review"
    DELEGATE = "delegate"
    DELEGATIONS_READ = "delegations_read"
    DELEGATIONS_LIST = "delegations_list"

    INBOX_READ = "inbox_read"
    DRAFT_PROPOSE = "draft_propose"
    DRAFT_READ = "draft_read"
    DRAFT_DECIDE = "draft_decide"
    DRAFT_COUNTERSIGN = "draft_countersign"
    DRAFT_EXPIRE = "draft_expire"
    SIGNED_READ = "signed_read"

    MODELS_READ = "models_read"
    MODELS_REGISTER = "models_register"
    AI_STOP = "ai_stop"
    AI_RESUME = "ai_resume"

    AUDIT_READ = "audit_read"
    AUDIT_EXPORT = "audit_export"
    POLICY_READ = "policy_read"
    SESSIONS_READ = "sessions_read"
    SESSIONS_REVOKE = "sessions_revoke"

    PEOPLE_READ = "people_read"
    PEOPLE_CHANGE = "people_change"
    FACTORS_REMOVE = "factors_remove"
    IDENTITY_LINK = "identity_link"
    CLIENTS_READ = "clients_read"
    CLIENTS_CHANGE = "clients_change"
    JOBS_READ = "jobs_read"
    JOBS_RETRY = "jobs_retry"
    DATA_DESTROY = "data_destroy"

    SAFETY_READ = "safety_read"
    SAFETY_CHANGE = "safety_change"
    EGRESS_READ = "egress_read"

    ACCOUNT_CHANGE = "account_change"
    APP_LAUNCH = "app_launch"

    LIBRARY_ASK = "library_ask"
    LIBRARY_KEEP = "library_keep"
    DOCUMENT_READ = "document_read"
    DOCUMENT_CURATE = "document_curate"

    SLIDES_LIST = "slides_list"
    SLIDES_HANDLE = "slides_handle"
    SLIDE_READ = "slide_read"
    SLIDE_LABEL = "slide_label"
    SLIDE_CORRECT = "slide_correct"
