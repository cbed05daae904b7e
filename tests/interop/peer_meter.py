"""The small meter that a peer's server plays: what it holds, and so what our client and other peers must read."""

START = 1705276800  # 2024-01-15T00:00:00Z
PERIOD = 900
ROWS = 96

KEYS = {
    "master_key": "00112233445566778899aabbccddeeff",
    "encryption_key": "000102030405060708090a0b0c0d0e0f",
    "authentication_key": "d0d1d2d3d4d5d6d7d8d9dadbdcdddedf",
    "password": b"12345678".hex(),
}

METER = {
    "server": 1,
    "physical": 16,
    "name": "PEE0000000000001",
    "title": b"PEE".hex() + "0000000001",
    "public_client": 16,
    "reader_client": 2,
    "secure_client": 3,
    "keys": KEYS,
    "registers": [
        {"obis": "1.0.1.8.0.255", "value": 1234567, "scaler": 0, "unit": 30},
        {"obis": "1.0.32.7.0.255", "value": 2304, "scaler": -1, "unit": 35},
    ],
    "counter": "0.0.43.1.3.255",
    "writable": "0.0.96.1.1.255",
    "clock": START + 12345,
    "profile": {
        "obis": "1.0.99.1.0.255",
        "period": PERIOD,
        "columns": [[8, "0.0.1.0.0.255", 2], [3, "1.0.1.8.0.255", 2]],
        "rows": [[START + PERIOD * row, 1000000 + 17 * row] for row in range(ROWS)],
    },
}


def job(transport, port, access, counter=1):
    """How a peer's client connects to a peer's server."""
    common = {"host": "127.0.0.1", "port": port, "transport": transport, "server": METER["server"],
              "physical": METER["physical"], "timeout": 5, "hdlc": {"information": 256, "window": 1}}
    if access == "public":
        return {**common, "client": METER["public_client"], "authentication": "none", "security": "none"}
    if access == "low":
        return {**common, "client": METER["reader_client"], "authentication": "low", "security": "none",
                "password": KEYS["password"]}
    return {**common, "client": METER["secure_client"], "authentication": "gmac",
            "security": "authentication-encryption", "title": b"CLI".hex() + "0000000002", "counter": counter,
            "encryption_key": KEYS["encryption_key"], "authentication_key": KEYS["authentication_key"]}


STEPS = [
    {"do": "view"},
    {"do": "register", "obis": "1.0.1.8.0.255"},
    {"do": "register", "obis": "1.0.32.7.0.255"},
    {"do": "clock"},
    {"do": "range", "obis": "1.0.99.1.0.255", "from": START + 10 * PERIOD, "to": START + 19 * PERIOD},
    {"do": "entries", "obis": "1.0.99.1.0.255", "from": 5, "to": 14},
    {"do": "set_clock", "time": START + 99999},
    {"do": "clock"},
    {"do": "set_clock", "time": METER["clock"]},
    {"do": "get_list", "attributes": [[3, "1.0.1.8.0.255", 2], [3, "1.0.32.7.0.255", 2]]},
]


def rows(first, count):
    return [[{"time": time}, value] for time, value in METER["profile"]["rows"][first:first + count]]


EXPECTED = [
    None,  # the view: each server adds objects of its own
    {"value": 1234567.0, "unit": 30},
    {"value": 230.4, "unit": 35},
    METER["clock"],
    rows(10, 10),
    rows(4, 10),
    None,
    START + 99999,
    None,
    [1234567, 2304],
]
