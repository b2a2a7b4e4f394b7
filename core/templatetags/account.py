"""What the account page shows of sign-ins."""

from django import template

register = template.Library()

# Browsers name others too, so that the first that fits is it.
BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox": "Firefox", "Chrom": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


@register.filter
def browser(user_agent: str) -> str:
    """Return what a browser calls itself in words, such as `Firefox on Linux`; something else as it is, shortened."""
    name = next((word for sign, word in BROWSERS.items() if sign in user_agent), None)
    system = next((word for sign, word in SYSTEMS.items() if sign in user_agent), None)
    if name is None:
        return user_agent[:60]
    return f"{name} on {system}" if system else name
