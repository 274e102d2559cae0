from django import template

register = template.Library()


@register.filter
def quoted(text: str) -> str:
    """What somebody else wrote, marked as such in a plain text."""
    return "\n".join(f"> {line}".rstrip() for line in str(text).splitlines())
