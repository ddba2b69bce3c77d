"""The request of somebody who is signed in."""

from django.http import HttpRequest

from aispm.accounts.models import User


class SignedIn(HttpRequest):
    """What a view behind `needs` gets: its user is a person, not an anonymous visitor."""

    user: User
