from django.urls import path

from instruction.actes import listes, views

urlpatterns = [
    path("paiements/", listes.paiements, name="paiements"),
    path("comite/", listes.comite, name="comite"),
    path("verifications/", listes.verifications, name="verifications"),
    path("dossiers/<int:pk>/verification/", listes.verification, name="verification"),
    path("dossiers/<int:pk>/agir/<slug:acte>/", views.agir, name="agir"),
    # The address that e-mails and bookmarks have known.
    path("dossiers/<int:pk>/complements/", views.agir, {"acte": "demander_complements"}, name="complements"),
]
