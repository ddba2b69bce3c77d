"""What efforts and commands are called on pages."""

from django.utils.translation import gettext_lazy as _

COMMANDS = {"cli": _("AWS CLI"), "kubectl": "kubectl", "terraform": "Terraform", "yaml": "YAML"}
EFFORTS = {"low": _("Little work"), "medium": _("Some work"), "high": _("Much work")}
STANDINGS = {
    "fail": _("Fail"),
    "unknown": _("Unknown"),
    "pass": _("Pass"),
    "not-applicable": _("Not applicable"),
    "not-asked": _("Not asked"),
    "not-automatable": _("Not automatable"),
}
