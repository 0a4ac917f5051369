from django.urls import include, path

from instruction import views
from instruction.aide import views as aide
from instruction.corbeille import views as corbeille
from instruction.depot_de_fichier import views as depot_de_fichier
from instruction.documents import views as documents
from instruction.echanges import views as echanges
from instruction.liste import views as liste
from instruction.mise_en_relation import views as mise_en_relation
from instruction.notes import views as notes
from instruction.objectifs import views as objectifs
from instruction.parcours import views as parcours

urlpatterns = [
    path("", liste.dossiers, name="dossiers"),
    path("taches/", corbeille.corbeille, name="corbeille"),
    path("taches/<int:pk>/prendre/", corbeille.prendre, name="tache-prendre"),
    path("taches/<int:pk>/rendre/", corbeille.rendre, name="tache-rendre"),
    path("taches/<int:pk>/confier/", corbeille.confier, name="tache-confier"),
    path("taches/<int:pk>/reporter/", corbeille.reporter, name="tache-reporter"),
    path("appels-a-projets/<path:code>/objectifs/", objectifs.objectifs, name="objectifs"),
    path("appels-a-projets/<path:code>/objectifs/fixer/", objectifs.fixer, name="objectifs-fixer"),
    path("dossiers/export.<str:format>", liste.exporter, name="dossiers-export"),
    path("dossiers/vues/garder/", liste.garder_vue, name="vue-garder"),
    path("dossiers/vues/<int:pk>/oublier/", liste.oublier_vue, name="vue-oublier"),
    path("dossiers/lots/", include("instruction.lots.urls")),
    path("dossiers/<int:pk>/", views.dossier, name="dossier"),
    path("parcours/", parcours.parcours, name="parcours"),
    path("dossiers/<int:pk>/parcours/", parcours.parcours_du_dossier, name="dossier-parcours"),
    path("dossiers/<int:pk>/presence/", views.presence, name="dossier-presence"),
    path("dossiers/<int:pk>/messages/", echanges.messages, name="messages"),
    path("dossiers/<int:pk>/messages/ecrire/", echanges.ecrire, name="messages-ecrire"),
    path("dossiers/<int:pk>/messages/lus/", echanges.lus, name="messages-lus"),
    path("dossiers/<int:pk>/messages/<int:jointe>/", echanges.jointe, name="message-jointe"),
    path("dossiers/<int:pk>/notes/", notes.notes, name="notes"),
    path("dossiers/<int:pk>/notes/ecrire/", notes.ecrire, name="notes-ecrire"),
    path("dossiers/<int:pk>/pieces/<int:piece>/", documents.telecharger, name="piece"),
    path("dossiers/<int:pk>/pieces/<int:piece>/voir/", documents.voir, name="piece-voir"),
    path("dossiers/<int:pk>/pieces/<int:piece>/apercu/", documents.apercu, name="piece-apercu"),
    path("dossiers/<int:pk>/pieces/<int:piece>/lire/", documents.lire, name="piece-lire"),
    path("dossiers/<int:pk>/pieces/<int:piece>/tableur/", documents.tableur, name="piece-tableur"),
    path("", include("instruction.grades.urls")),
    path("", include("instruction.actes.urls")),
    path("demandes-aide/", aide.demandes, name="demandes-aide"),
    path("demandes-aide/<int:pk>/", aide.demande, name="demande-aide"),
    path("demandes-aide/<int:pk>/prendre/", aide.prendre, name="demande-aide-prendre"),
    path("demandes-aide/<int:pk>/resoudre/", aide.resoudre, name="demande-aide-resoudre"),
    path("demandes-aide/<int:pk>/transmettre/", aide.transmettre, name="demande-aide-transmettre"),
    path("mise-en-relation/", mise_en_relation.accueil, name="mise-en-relation"),
    path("mise-en-relation/declarer/", mise_en_relation.declarer, name="mise-en-relation-declarer"),
    path("mise-en-relation/<int:pk>/retirer/", mise_en_relation.retirer, name="mise-en-relation-retirer"),
    path("mise-en-relation/<int:pk>/pourvoir/", mise_en_relation.pourvoir, name="mise-en-relation-pourvoir"),
    path("", include("instruction.delegations.urls")),
    path("", include("instruction.interets.urls")),
    path("importer/", depot_de_fichier.accueil, name="importer"),
    path("importer/modele/<str:nom>", depot_de_fichier.modele, name="importer-modele"),
    path("importer/essayer/", depot_de_fichier.essayer, name="importer-essayer"),
    path("importer/<uuid:cle>/", depot_de_fichier.verdicts, name="importer-bilan"),
    path("importer/<uuid:cle>/importer/", depot_de_fichier.importer, name="importer-valables"),
    path("importer/<uuid:cle>/refuses/", depot_de_fichier.refuses, name="importer-refuses"),
]
