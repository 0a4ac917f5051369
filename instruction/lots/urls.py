from django.urls import path

from instruction.lots import views

urlpatterns = [
    path("", views.accueil, name="lots"),
    path("nouveau/", views.nouveau, name="lot-nouveau"),
    path("preparer/", views.preparer, name="lot-preparer"),
    path("<int:pk>/", views.lot, name="lot"),
    path("<int:pk>/avancement/", views.avancement, name="lot-avancement"),
    path("<int:pk>/corriger/", views.corriger, name="lot-corriger"),
    path("<int:pk>/lancer/", views.lancer, name="lot-lancer"),
    path("<int:pk>/arreter/", views.arreter, name="lot-arreter"),
    path("<int:pk>/reprendre/", views.reprendre, name="lot-reprendre"),
    path("<int:pk>/rapport.<str:format>", views.rapport, name="lot-rapport"),
]
