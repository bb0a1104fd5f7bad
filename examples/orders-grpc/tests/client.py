"""Calls the order service with a second implementation of gRPC, and prints what came of it.

Arguments: the address, and the folder of the `.proto`. Input: the tokens of callers by their names, as
JSON. Output: what each call got, as JSON. Exits with 77 where something is not installed.
"""

import json
import sys

try:
    import grpc
    import grpc_tools  # noqa: F401 (reads the `.proto`)
    from google.rpc import error_details_pb2
    from grpc_status import rpc_status
except ImportError:
    sys.exit(77)

address, folder = sys.argv[1:]
sys.path.insert(0, folder)
protos, services = grpc.protos_and_services("orders.proto")
tokens = json.load(sys.stdin)
channel = grpc.insecure_channel(address)
orders = services.OrdersStub(channel)


def order(message):
    return [message.id, message.item, message.taken_by, protos.Status.Name(message.status)]


def refusal(error):
    told = {"code": error.code().name, "message": error.details()}
    fields = dict(error.trailing_metadata())
    told["challenge"] = fields.get("www-authenticate")
    status = rpc_status.from_call(error)
    for detail in status.details if status else []:
        info = error_details_pb2.ErrorInfo()
        assert detail.Unpack(info), detail.type_url
        told["info"] = [info.reason, info.domain, dict(info.metadata)]
    return told


def call(caller, method, message, read):
    metadata = [("authorization", "Bearer " + tokens[caller])] if caller else []
    try:
        return read(method(message, metadata=metadata, timeout=30))
    except grpc.RpcError as error:
        return refusal(error)


def several(answers):
    return [order(answer) for answer in answers]


def refs(*ids):
    return iter([protos.OrderRef(id=id) for id in ids])


def goods(*items):
    return iter([protos.NewOrder(item=item, quantity=1) for item in items])


def caller(message):
    return [message.subject, list(message.roles), list(message.scopes)]


everything, pens = protos.ListOrdersRequest(), protos.NewOrder(item="pens", quantity=2)
first, nowhere = protos.OrderRef(id=1), protos.OrderRef(id=99)
imported = lambda message: message.orders  # noqa: E731
raw = bytes.hex
probe = channel.unary_unary("/grpc.health.v1.Health/Check")
unknown = channel.unary_unary("/orders.v1.Orders/DropOrders")
results = {
    "list": call("auditor", orders.ListOrders, everything, several),
    "list, nobody": call(None, orders.ListOrders, everything, several),
    "list, garbage": call("garbage", orders.ListOrders, everything, several),
    "list, clerk": call("clerk", orders.ListOrders, everything, several),
    "show, clerk": call("clerk", orders.ShowOrder, first, order),
    "cancel, clerk": call("clerk", orders.CancelOrder, first, order),
    "place": call("clerk", orders.PlaceOrder, pens, order),
    "show own, clerk": call("clerk", orders.ShowOrder, protos.OrderRef(id=2), order),
    "place, auditor": call("auditor", orders.PlaceOrder, pens, order),
    "import": call("clerk", orders.ImportOrders, goods("ink", "nibs", "paper"), imported),
    "import, auditor": call("auditor", orders.ImportOrders, goods("ink", "nibs"), imported),
    "show several": call("auditor", orders.ShowOrders, refs(5, 1), several),
    "show several, nobody": call(None, orders.ShowOrders, refs(5, 1), several),
    "show nothing": call("auditor", orders.ShowOrder, nowhere, order),
    "refund, stale": call("stale manager", orders.Refund, first, order),
    "refund": call("manager", orders.Refund, first, order),
    "refund, twice": call("manager", orders.Refund, first, order),
    "me": call("clerk", orders.Me, protos.MeRequest(), caller),
    "probe, nobody": call(None, probe, b"", raw),
    "unknown, nobody": call(None, unknown, b"", raw),
}
print(json.dumps(results))
