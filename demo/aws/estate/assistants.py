"""The intranet's assistants and the services that teams use beside their models: Europe careful, America hurried."""

from __future__ import annotations

from demo.aws.build import ai_services, assistants, identity, monitoring, storage
from demo.aws.build.ai_services import Shelf
from demo.aws.build.identity import allow
from demo.aws.build.site import Site
from demo.aws.build.storage import Bucket
from demo.aws.estate.company import VENDOR_ACCOUNT, Company, owned

TAGS = owned("workplace", "intranet-assistant", data="confidential")
HANDBOOK, SCRATCH = "halden-intranet-documents", "halden-ai-scratch"
VENDOR = f"arn:aws:iam::{VENDOR_ACCOUNT}:root"


def build(company: Company) -> None:
    with company.eu.ago(160):
        _europe(company)
    with company.us.ago(33):
        _america(company)


def _role(site: Site, name: str, service: str, bucket: str, tags: dict[str, str] | None = None) -> str:
    reads = allow(["s3:GetObject", "s3:ListBucket"], [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"])
    return identity.role(site, name, service, reads, tags=tags)


def _europe(company: Company) -> None:
    site, kms = company.eu, company.keys["halden-care"]
    storage.bucket(site, HANDBOOK, Bucket(kms=kms, log_to=company.log_bucket["eu"], tags=TAGS))
    role = _role(site, "intranet-assistant", "qbusiness", HANDBOOK, TAGS)
    application = assistants.q_application(site, "intranet", role, TAGS, kms=kms)
    assistants.q_plugin(site, application, "helpdesk")
    assistants.q_accessor(site, application, "meeting-notes", f"arn:aws:iam::{site.account}:role/meeting-notes")
    assistants.kendra_index(site, "intranet-search", role, HANDBOOK, TAGS, kms=kms)
    group = monitoring.log_group(site, "/halden/lex/orders", days=90, kms=company.keys["halden-logs-eu"], tags=TAGS)
    logs = assistants.conversation_logs(group, HANDBOOK, kms)
    assistants.lex_bot(site, "order-phone", role, TAGS, logs=logs)
    shelf = Shelf(HANDBOOK, role, kms)
    ai_services.comprehend(site, "mail-sorter", shelf, TAGS)
    ai_services.rekognition(site, "returns", shelf, TAGS)
    ai_services.textract(site, "invoices", shelf, TAGS)
    ai_services.language(site, "shop", shelf, TAGS)
    ai_services.prediction(site, "shop", shelf, TAGS)


def _america(company: Company) -> None:
    """Answers strangers, hands models to a vendor, and keeps everything under keys of AWS."""
    site = company.us
    storage.bucket(site, SCRATCH, Bucket(versioned=False))
    role = _role(site, "ai-scratch", "qbusiness", SCRATCH)
    application = assistants.q_application(site, "help-for-all", role, identity="ANONYMOUS", open_scope=True)
    assistants.q_plugin(site, application, "wiki-bridge", signed=False, url="http://wiki.example")
    assistants.q_accessor(site, application, "note-taker", VENDOR)
    assistants.kendra_index(site, "old-search", role, SCRATCH, checks_users=False)
    bot = assistants.lex_bot(site, "old-hotline", role)
    assistants.policy(site, "lexv2-models", bot, "*", "lex:RecognizeText")
    shelf = Shelf(SCRATCH, role, private=False)
    model = ai_services.comprehend(site, "old-sorter", shelf)
    ai_services.share_model(site, model, VENDOR)
    ai_services.rekognition(site, "badge-check", shelf, shared=VENDOR)
    ai_services.textract(site, "receipts", shelf)
    ai_services.language(site, "pilot", shelf)
    ai_services.prediction(site, "pilot", shelf)
