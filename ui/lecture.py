"""A page that reads never writes: the database is told so, and so is whoever breaks it."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Vue = Callable[..., HttpResponseBase]

LECTURE = re.compile(r"[\s(]*SELECT\b", re.IGNORECASE)
VERROU = re.compile(r"\bFOR\s+(NO\s+KEY\s+UPDATE|UPDATE|KEY\s+SHARE|SHARE)\b", re.IGNORECASE)


class EcriturePendantLecture(RuntimeError):
    """A page that only reads tried to write, or to take a lock."""


def lecture_seule(vue: Vue) -> Vue:
    """Refuse, during the view and the rendering of its page, any SQL but a plain SELECT."""

    @wraps(vue)
    def reads(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with connection.execute_wrapper(_only_select):
            return vue(request, *args, **kwargs)

    return reads


def _only_select(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if not LECTURE.match(sql) or VERROU.search(sql):
        raise EcriturePendantLecture(f"Une page de lecture ne peut pas exécuter : {sql[:80]}")
    return execute(sql, params, many, context)
