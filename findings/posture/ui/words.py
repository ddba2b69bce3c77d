"""What efforts and commands are called on pages."""

from django.utils.translation import gettext_lazy as _

COMMANDS = {"cli": _("AWS CLI"), "kubectl": "kubectl", "terraform": "Terraform", "yaml": "YAML"}
EFFORTS = {"low": _("Little work"), "medium": _("Some work"), "high": _("Much work")}
