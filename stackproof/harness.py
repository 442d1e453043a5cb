"""Where the harness's own tree is: suites, fixtures, the reference service, writers and the specification."""

from __future__ import annotations

import sys
from pathlib import Path

from stackproof.errors import InfrastructureError


def harness_root() -> Path:
    """The folder that holds `suites/` and the rest: the checkout, or the data inside an installed wheel.

    Raises:
        InfrastructureError: neither is there, so the installation is damaged.
    """
    package = Path(__file__).resolve().parent
    for root in (package.parent, package / "_harness"):
        if (root / "suites").is_dir() and (root / "spec" / "tech-stack.md").is_file():
            return root
    raise InfrastructureError(
        f"the harness's own files are missing beside {package}",
        hint="reinstall stackproof: its wheel carries suites/, fixtures/, sample_app/, reports/ and spec/",
    )


def reference_specification() -> Path:
    """The specification that comes with the harness."""
    return harness_root() / "spec" / "tech-stack.md"


def derived_requirements() -> Path:
    """The folder of what clauses imply through public standards."""
    return harness_root() / "spec" / "derived"


def put_tree_on_path() -> Path:
    """Let this process, and only this one, import `fixtures` and `reports`; gives the tree's root."""
    root = harness_root()
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    return root
