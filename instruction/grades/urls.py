"""Under `grades/`, the pages of a région; under `dossiers/`, those of one dossier."""

from django.urls import path

from instruction.grades import views, vues_avis, vues_dossier

urlpatterns = [
    path("grades/", views.accueil, name="grades"),
    path("grades/retards/", views.retards, name="grades-retards"),
    path("grades/risques/", views.risques, name="grades-risques"),
    path("grades/risques/<int:pk>/", views.risque, name="grades-risque"),
    path("grades/risques/<int:pk>/annoter/", views.annoter, name="grades-risque-annoter"),
    path("grades/risques/<int:pk>/rattacher/", views.rattacher, name="grades-risque-rattacher"),
    path("dossiers/<int:pk>/risques/", vues_dossier.risques, name="grades-risques-dossier"),
    path("dossiers/<int:pk>/risques/annoter/", vues_dossier.annoter, name="grades-annoter"),
    path("dossiers/<int:pk>/risques/partager/", vues_dossier.ouvrir_risque, name="grades-partager"),
    path("dossiers/<int:pk>/risques/detacher/", vues_dossier.detacher_risque, name="grades-detacher"),
    path("dossiers/<int:pk>/avis-grades/", vues_avis.avis, name="grades-avis"),
    path("dossiers/<int:pk>/accompagnement/", vues_dossier.accompagnement, name="grades-accompagnement"),
    path("dossiers/<int:pk>/accompagnement/planifier/", vues_dossier.planifier, name="grades-planifier"),
    path("dossiers/<int:pk>/accompagnement/<int:rang>/suivre/", vues_dossier.suivre, name="grades-suivre"),
    path("dossiers/<int:pk>/conseiller/affecter/", vues_dossier.affecter, name="grades-affecter"),
    path("dossiers/<int:pk>/conseiller/retirer/", vues_dossier.retirer, name="grades-retirer"),
]
