"""Print the pinned requirements of what Home Assistant always loads and of the integrations named.

Packages without a ready-made wheel are left out: they need a compiler, and the demo has
stand-ins for them.
"""

import importlib.util
import json
import pathlib
import sys

from homeassistant.bootstrap import DEFAULT_INTEGRATIONS

NEED_A_COMPILER = {"pymicro-vad", "pyspeex-noise", "PyTurboJPEG"}
# what Home Assistant's cameras load without saying so; the version is in its constraints
UNDECLARED = {"numpy"}

spec = importlib.util.find_spec("homeassistant")
assert spec is not None
assert spec.origin is not None
COMPONENTS = pathlib.Path(spec.origin).parent / "components"


def requirements(domains: list[str]) -> set[str]:
    """Collect the requirements of the integrations and of all they depend on."""
    seen: set[str] = set()
    found = set(UNDECLARED)
    while domains:
        domain = domains.pop()
        if domain in seen:
            continue
        seen.add(domain)
        manifest = json.loads((COMPONENTS / domain / "manifest.json").read_text())
        found.update(manifest.get("requirements", []))
        domains += manifest.get("dependencies", [])
    return {name for name in found if name.partition("==")[0] not in NEED_A_COMPILER}


if __name__ == "__main__":
    print("\n".join(sorted(requirements([*DEFAULT_INTEGRATIONS, *sys.argv[1:]]))))
