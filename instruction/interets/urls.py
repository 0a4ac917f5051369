from django.urls import path

from instruction.interets import views

urlpatterns = [
    path("interets/", views.interets, name="interets"),
    path("interets/declarer/", views.declarer, name="interet-declarer"),
    path("interets/<int:pk>/terminer/", views.terminer, name="interet-terminer"),
]
