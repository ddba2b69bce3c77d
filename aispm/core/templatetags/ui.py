"""Template components, available in every template without a load."""

from django import template

register = template.Library()
