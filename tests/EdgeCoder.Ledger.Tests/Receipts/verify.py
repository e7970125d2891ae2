"""A second verifier of receipts, written from the specifications alone (RFC 8032, RFC 8785 as far as bytes need it, RFC 9162, C2SP signed-note and
tlog-cosignature). It shares nothing with the product, so that the product's verifier is not judged by itself.

usage: verify.py RECEIPT TRUSTED_KEYS    prints "ok" or the reason
"""
import base64
import hashlib
import json
import sys

# ---- Ed25519 (RFC 8032 section 5.1) ----
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recover(y, sign):
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * ROOT % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def decode(point):
    number = int.from_bytes(point, "little")
    y, sign = number & (2**255 - 1), number >> 255
    x = recover(y, sign) if y < P else None
    return None if x is None else (x, y, 1, x * y % P)


def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * D * a[3] * b[3] % P, 2 * a[2] * b[2] % P
    i, j, k, m = f - e, h - g, h + g, f + e
    return i * j % P, k * m % P, j * k % P, i * m % P


def multiply(number, point):
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = add(result, point)
        point, number = add(point, point), number >> 1
    return result


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover(BASE_Y, 0), BASE_Y, 1, recover(BASE_Y, 0) * BASE_Y % P)


def is_signed(key, message, signature):
    a, r, s = decode(key), decode(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    left, right = multiply(s, BASE), add(r, multiply(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# ---- Notes ----
def key_of(vkey):
    name, hashed, encoded = vkey.split("+", 2)
    raw = base64.b64decode(encoded, validate=True)
    if hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex() != hashed or len(raw) != 33:
        raise ValueError("no key")
    return name, bytes.fromhex(hashed), raw[0], raw[1:]


def read_note(note):
    text, lines = note.rsplit("\n\n", 1)
    text += "\n"
    signatures = []
    for line in lines.rstrip("\n").split("\n"):
        dash, name, encoded = line.split(" ")
        raw = base64.b64decode(encoded, validate=True)
        if dash != "\u2014":
            raise ValueError("no signature")
        signatures.append((name, raw[:4], raw[4:]))
    return text, signatures


def note_is_signed(text, signatures, key):
    name, hashed, kind, raw = key
    for signer, signer_hash, signature in signatures:
        if (signer, signer_hash) != (name, hashed):
            continue
        if kind == 1 and is_signed(raw, text.encode(), signature):
            return True
        if kind == 4 and len(signature) == 72:
            time = int.from_bytes(signature[:8], "big")
            if is_signed(raw, f"cosignature/v1\ntime {time}\n{text}".encode(), signature[8:]):
                return True
    return False


# ---- Tree (RFC 9162 section 2.1.3.2) ----
def is_included(leaf_hash, index, size, proof, root):
    if index >= size:
        return False
    fn, sn, r = index, size - 1, leaf_hash
    for p in proof:
        if sn == 0:
            return False
        if fn % 2 == 1 or fn == sn:
            r = hashlib.sha256(b"\x01" + p + r).digest()
            if fn % 2 == 0:
                while fn % 2 == 0 and fn != 0:
                    fn, sn = fn >> 1, sn >> 1
        else:
            r = hashlib.sha256(b"\x01" + r + p).digest()
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


# ---- Keys that were changed (docs/keys.md) ----
OVERLAP_MS = 48 * 3600 * 1000
SPKI_HEAD = bytes.fromhex("302a300506032b6570032100")


def raw_of(pem):
    lines = pem.strip().split("\n")
    der = base64.b64decode("".join(lines[1:-1]), validate=True)
    if lines[0] != "-----BEGIN PUBLIC KEY-----" or der[:12] != SPKI_HEAD or len(der) != 44:
        raise ValueError("no key")
    return der[12:]


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def read_chain(coordinator, statements):
    """The keys as [raw, from, until], oldest first; ValueError where the statements are no chain."""
    periods, before, activated = [], None, None
    for text in statements:
        signed = base64.b64decode(text, validate=True)
        said = json.loads(signed)
        if canonical(said) != signed or said["v"] != 1 or said["coordinatorId"] != coordinator:
            raise ValueError("no statement")
        key = raw_of(said["newPublicKey"])
        if hashlib.sha256(key).hexdigest()[:16] != said["newKeyId"]:
            raise ValueError("another key")
        content = b"edgecoder/key-rotation/v1\n" + canonical({name: value for name, value in said.items() if name not in ("signature", "oldSignature")})
        if not is_signed(key, content, base64.b64decode(said["signature"], validate=True)):
            raise ValueError("not signed by the new key")
        if before is None:
            if "oldKeyId" in said or "oldSignature" in said:
                raise ValueError("not the first")
            periods.append([key, 0, None])
        else:
            if said.get("oldKeyId") != hashlib.sha256(before).hexdigest()[:16] or any(period[0] == key for period in periods):
                raise ValueError("not the next")
            if not is_signed(before, content, base64.b64decode(said["oldSignature"], validate=True)):
                raise ValueError("not signed by the old key")
            if said["activatesAtMs"] <= activated or not 0 <= said["overlapUntilMs"] - said["activatesAtMs"] <= OVERLAP_MS:
                raise ValueError("times")
            periods[-1][2] = said["overlapUntilMs"]
            periods.append([key, said["activatesAtMs"], None])
        before, activated = key, said["activatesAtMs"]
    if not periods:
        raise ValueError("empty")
    return periods


def follow(keys, rotations):
    """Trusted keys and those that they lead to, and the times of those whose times are known."""
    times = {}
    for one in rotations:
        periods = read_chain(one["coordinatorId"], one["statements"])
        name = "edgecoder/" + one["coordinatorId"]
        kinds = {key[2] for key in keys if key[0] == name and any(key[3] == period[0] for period in periods)}
        for kind in kinds:
            for raw, start, end in periods:
                hashed = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + raw).digest()[:4]
                if (name, hashed, kind, raw) not in keys:
                    keys = keys + [(name, hashed, kind, raw)]
                times[(name, raw)] = (start, end)
    return keys, times


def anchored_text(proof, text):
    """Text of the checkpoint that a transaction names, where a record anchor_set in its tree names the checkpoint of the receipt; None where it does not."""
    leaf = base64.b64decode(proof["leaf"], validate=True)
    body, outer = leaf[8:-178], json.loads(leaf)
    record = json.loads(body)
    origin, size, root, end = proof["checkpoint"].split("\n")
    said_origin, said_size, _, _ = text.split("\n")
    wanted = {"checkpointHash": hashlib.sha256(text.encode()).hexdigest(), "origin": said_origin, "size": int(said_size)}
    if leaf != b'{"body":' + body + f',"hash":"{outer["hash"]}","signature":"{outer["signature"]}"}}'.encode() or hashlib.sha256(body).hexdigest() != outer["hash"]:
        return None
    if record["eventType"] != "anchor_set" or wanted not in record["payloadJson"]["members"] or origin != "edgecoder/" + record["coordinatorId"] or end:
        return None
    if record["sequence"] != proof["leafIndex"] + 1 or int(size) != proof["treeSize"]:
        return None
    hashes = [bytes.fromhex(one) for one in proof["inclusionProof"]]
    leaf_hash = hashlib.sha256(b"\x00" + leaf).digest()
    return proof["checkpoint"] if is_included(leaf_hash, proof["leafIndex"], proof["treeSize"], hashes, base64.b64decode(root)) else None


# ---- Receipt ----
def check(receipt, trust):
    keys = [key_of(line.strip()) for line in trust.split("\n") if "+" in line]
    try:
        keys, times = follow(keys, receipt.get("rotations", []))
    except (ValueError, KeyError, TypeError):
        return "key_chain_broken"
    threshold = next((int(line.split()[1]) for line in trust.split("\n") if line.startswith("threshold ")), 0)
    leaf = base64.b64decode(receipt["leaf"], validate=True)
    try:
        body, outer = leaf[8:-178], json.loads(leaf)
    except ValueError:
        return "not_canonical"
    if set(outer) != {"body", "hash", "signature"} or leaf != b'{"body":' + body + f',"hash":"{outer["hash"]}","signature":"{outer["signature"]}"}}'.encode():
        return "not_canonical"
    if hashlib.sha256(body).hexdigest() != outer["hash"]:
        return "hash_mismatch"
    record = json.loads(body)
    origin = "edgecoder/" + record["coordinatorId"]
    own = [key for key in keys if key[0] == origin and key[2] == 1]
    if not own:
        return "unknown_key"
    at = record["issuedAtMs"]
    signers = [key for key in own if is_signed(key[3], b"edgecoder/record/v1\n" + outer["hash"].encode(), base64.b64decode(outer["signature"]))]
    if not signers:
        return "invalid_signature"
    if not any(start <= at and (end is None or at < end) for start, end in (times.get((key[0], key[3]), (0, None)) for key in signers)):
        return "key_out_of_time"
    text, signatures = read_note(receipt["checkpoint"])
    name, size, root, end = text.split("\n")
    if name != origin or end:
        return "checkpoint_signature_invalid"
    if record["sequence"] != receipt["leafIndex"] + 1:
        return "invalid_sequence"
    if any(set(one) - set("0123456789abcdef") for one in receipt["inclusionProof"]):
        return "inclusion_proof_invalid"
    proof = [bytes.fromhex(one) for one in receipt["inclusionProof"]]
    leaf_hash = hashlib.sha256(b"\x00" + leaf).digest()
    if int(size) != receipt["treeSize"] or not is_included(leaf_hash, receipt["leafIndex"], receipt["treeSize"], proof, base64.b64decode(root)):
        return "inclusion_proof_invalid"
    signers = [key for key in own if note_is_signed(text, signatures, key)]
    if not signers:
        return "checkpoint_signature_invalid"
    if not any(end is None or at < end for _, end in (times.get((key[0], key[3]), (0, None)) for key in signers)):
        return "key_out_of_time"
    if len({key[0] for key in keys if key[2] == 4 and note_is_signed(text, signatures, key)}) < threshold:
        return "quorum_not_reached"
    if "anchor" in receipt:
        try:
            named = anchored_text(receipt["anchor"]["set"], text) if "set" in receipt["anchor"] else text
        except (ValueError, KeyError, TypeError):
            named = None
        if named is None or receipt["anchor"]["payloadHex"] != "454301" + hashlib.sha256(named.encode()).hexdigest():
            return "anchor_payload_invalid"
    return "ok"


with open(sys.argv[1], encoding="utf-8") as receipt_file, open(sys.argv[2], encoding="utf-8") as trust_file:
    print(check(json.load(receipt_file), trust_file.read()))
