"""HTTP and WebSocket for Daphne: `daphne dispatch.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dispatch.settings")
http = get_asgi_application()

# The imports below reach models: the registry is ready only now.
from channels.routing import ProtocolTypeRouter  # noqa: E402

from dispatch.live.routing import websocket  # noqa: E402

application = ProtocolTypeRouter({"http": http, "websocket": websocket})
