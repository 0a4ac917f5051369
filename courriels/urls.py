from django.urls import path

from courriels import views

urlpatterns = [
    path("courriels/apercu/", views.apercu, name="courriels-apercu"),
    path("courriels/apercu/<int:pk>/", views.apercu_un, name="courriels-apercu-un"),
    path("courriels/apercu/<int:pk>/html/", views.apercu_html, name="courriels-apercu-html"),
    path("courriels/desabonnement/<str:jeton>/", views.desabonnement, name="courriels-desabonnement"),
    path("mon-compte/courriels/", views.mes_preferences, name="courriels-preferences"),
]
