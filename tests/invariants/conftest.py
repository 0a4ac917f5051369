"""The proofs: what must hold whatever is tried. `lois` says it, apart from the engine's own code."""

import pytest

pytest.register_assert_rewrite("tests.invariants.lois")
