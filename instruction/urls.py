from django.urls import path

from instruction import views

urlpatterns = [
    path("", views.dossiers, name="dossiers"),
    path("dossiers/<int:pk>/", views.dossier, name="dossier"),
]
