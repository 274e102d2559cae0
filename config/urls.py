from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from api import health
from crm.admin import site

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="docs")),
    path("api/v1/", include("api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("accounts/", include("api.account_urls")),
    path("admin/", site.urls),
    re_path(r"^health/live/?$", health.live, name="live"),
    re_path(r"^health/ready/?$", health.ready, name="ready"),
]

handler400 = "api.errors.bad_request"
handler403 = "api.errors.permission_denied"
handler404 = "api.errors.page_not_found"
handler429 = "api.accounts.too_many_requests"  # allauth's own name: Django knows none
handler500 = "api.errors.server_error"
