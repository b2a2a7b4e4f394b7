"""/api/crm/*: no trailing slash, as everywhere under /api/.

The suppression list is served by outreach (outreach/api/urls.py): whoever comes onto it is written to no more.
"""

from rest_framework.routers import SimpleRouter

from . import views

router = SimpleRouter(trailing_slash=False)
router.register("brands", views.BrandViewSet, basename="crm-brand")
router.register("contacts", views.ContactViewSet, basename="crm-contact")
router.register("consents", views.ConsentViewSet, basename="crm-consent")
router.register("merges", views.MergeViewSet, basename="crm-merge")
router.register("imports", views.ImportViewSet, basename="crm-import")
router.register("exports", views.ExportViewSet, basename="crm-export")
router.register("outcomes", views.OutcomeViewSet, basename="crm-outcome")

urlpatterns = router.urls
