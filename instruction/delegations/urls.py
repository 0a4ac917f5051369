from django.urls import path

from instruction.delegations import views

urlpatterns = [
    path("delegations/", views.delegations, name="delegations"),
    path("delegations/donner/", views.donner, name="delegation-donner"),
    path("delegations/<int:pk>/revoquer/", views.revoquer, name="delegation-revoquer"),
]
