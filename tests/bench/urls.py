from django.urls import include, path

from config.urls import urlpatterns as product
from tests.bench.views import ExpertViewSet, PlainViewSet

RIVALS = {"plain": PlainViewSet, "expert": ExpertViewSet}

urlpatterns = [
    *product,
    *(
        path(
            f"rivals/{name}/",
            include(
                [
                    path("", viewset.as_view({"get": "list"})),
                    path("suggest/", viewset.as_view({"get": "suggest"})),
                ]
            ),
        )
        for name, viewset in RIVALS.items()
    ),
]
