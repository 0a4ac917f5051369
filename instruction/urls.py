from django.urls import path

from instruction import views
from instruction.depot_de_fichier import views as depot_de_fichier
from instruction.mise_en_relation import views as mise_en_relation

urlpatterns = [
    path("", views.dossiers, name="dossiers"),
    path("dossiers/<int:pk>/", views.dossier, name="dossier"),
    path("mise-en-relation/", mise_en_relation.accueil, name="mise-en-relation"),
    path("mise-en-relation/declarer/", mise_en_relation.declarer, name="mise-en-relation-declarer"),
    path("mise-en-relation/<int:pk>/retirer/", mise_en_relation.retirer, name="mise-en-relation-retirer"),
    path("mise-en-relation/<int:pk>/pourvoir/", mise_en_relation.pourvoir, name="mise-en-relation-pourvoir"),
    path("importer/", depot_de_fichier.accueil, name="importer"),
    path("importer/essayer/", depot_de_fichier.essayer, name="importer-essayer"),
    path("importer/<uuid:cle>/", depot_de_fichier.verdicts, name="importer-bilan"),
    path("importer/<uuid:cle>/importer/", depot_de_fichier.importer, name="importer-valables"),
    path("importer/<uuid:cle>/refuses/", depot_de_fichier.refuses, name="importer-refuses"),
]
