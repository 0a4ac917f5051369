from django.conf import settings
from django.db.models import Count

from courriels.models import Courriel, Sort
from courriels.rappels import remind
from courriels.redaction import address
from courriels.releve import collect
from courriels.resumes import send_digests
from instruction import relances
from moteur.base import ensure_ready
from moteur.commandes import Commande

AIDE = """Écrit les courriels que les actes du moteur appellent, une fois, puis les compte.

Ce que fait aussi, toutes les minutes, « python manage.py procrastinate worker », qui les envoie. Sans serveur de
courrier (EMAIL_HOST), et toujours sur la base embarquée, les courriels sont écrits et retenus : rien ne part.
"""


class Command(Commande):
    help = AIDE

    def handle(self, *args: object, **options: object) -> None:
        ensure_ready()
        rappels = remind() + relances.remind()
        lus, resumes = collect(), send_digests()
        self.stdout.write(f"Courriels : {lus} événements lus, dont {rappels} échéances ; {resumes} résumés.")
        comptes = Courriel.objects.order_by().values_list("sort").annotate(n=Count("pk"))
        for sort, nombre in sorted(comptes):
            self.stdout.write(f"  {nombre:>6}  {Sort(sort).label}")
        if settings.LOCAL and settings.DEBUG:
            self.stdout.write(f"Lisez-les sur {address('/courriels/apercu/')} : rien n'est envoyé.")
