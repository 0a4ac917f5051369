from django.urls import path

from vitrine import views

app_name = "vitrine"

urlpatterns = [
    path("appels/", views.appels, name="appels"),
    path("appels/<path:code>/etablissements/", views.etablissements, name="etablissements"),
    path("appels/<path:code>/", views.appel, name="appel"),
    path("guide/", views.guides, name="guide"),
    path("guide/<slug:nom>/", views.guide, name="texte"),
    path("faq/", views.faq, name="faq"),
    path("accessibilite/", views.accessibilite, name="accessibilite"),
    path("plan-du-site/", views.plan, name="plan"),
    path("mentions-legales/", views.mentions, name="mentions"),
    path("donnees-personnelles/", views.donnees, name="donnees"),
]
