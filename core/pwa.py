"""What makes the pages an app that can be installed: the manifest, and a service worker that keeps the shell.

The worker keeps style, scripts, icons and the page shown without a network: never a page about people.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

NAME = "Contact enrichment"
ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-mask.png", "512x512", "maskable"),
)
SHELL = ("vendor/pico.min.css", "app.css", "review.css", "app.js", "icon.svg")


@require_safe
@cache_control(public=True, max_age=3600)
def manifest(_request: HttpRequest) -> HttpResponse:
    """The web app manifest (W3C): what the app is called, how it looks, where it begins."""
    icons = [
        {"src": static(f"core/{name}"), "sizes": size, "type": "image/png", "purpose": purpose}
        for name, size, purpose in ICONS
    ]
    body = {
        "id": "/",
        "name": NAME,
        "short_name": "Contacts",
        "start_url": reverse("review:home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0b63a5",
        "icons": icons,
    }
    return JsonResponse(body, content_type="application/manifest+json")


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker, at the root so that its scope is the whole site."""
    shell = [*(static(f"core/{name}") for name in SHELL), reverse("offline")]
    context = {"shell": shell, "offline": reverse("offline")}
    return render(request, "service_worker.js", context, content_type="text/javascript")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown without a network. It says nothing about anybody, and so may be kept."""
    return render(request, "offline.html")
