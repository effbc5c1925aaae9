"""Usage: GRPC_XDS_BOOTSTRAP=FILE python3 client.py

Calls xds:///service one call after the other, and prints who answered (or "error" and why), one line each, until its
standard input is closed. The first line is the client's version.
"""
import os
import sys
import threading
import time

import grpc


def same(data):
    return data


def stop_with_input():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=stop_with_input, daemon=True).start()
print(f"gRPC C-core {grpc.__version__}", flush=True)
channel = grpc.insecure_channel("xds:///service")
name = channel.unary_unary("/selfheal.test.Backend/Name", request_serializer=same, response_deserializer=same)
while True:
    try:
        # A StringValue with a short text: tag, length, text.
        print(name(b"", timeout=10)[2:].decode(), flush=True)
    except grpc.RpcError as error:
        print(f"error {error.code().value[0]} {error.details()}", flush=True)
    time.sleep(0.002)
